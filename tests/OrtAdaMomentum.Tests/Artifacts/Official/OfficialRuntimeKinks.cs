using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.RealExports;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>
/// As <see cref="OfficialRuntimeRealExports"/>, with a network of 350,000 activations with kinks for every sample: on batches where none lies
/// so near to a kink that rounding decides its side.
/// </summary>
public sealed class OfficialRuntimeKinks(OfficialRuntimeHost host, ITestOutputHelper output) : IClassFixture<OfficialRuntimeHost>
{
    private const string Name = "openWakeWord embedding";

    /// <summary>In parts of the root mean square of a tensor. Between the two runtimes the values in front of the kinks differ by about 1e-6 of it, by norm.</summary>
    private const double Margin = 3e-6;

    /// <summary>How many are looked at for one batch.</summary>
    private const int Samples = 1000;

    public static bool AreThere => OfficialRuntimeRealExports.AreThere;

    [Fact(Skip = OfficialRuntimeRealExports.Missing, SkipUnless = nameof(AreThere))]
    public async Task AdamW_stepped_by_the_official_runtime_agrees_with_the_stock_one() => Require("AdamW, there", await JudgedTraining.AdamW(host, Model()));

    [Fact(Skip = OfficialRuntimeRealExports.Missing, SkipUnless = nameof(AreThere))]
    public async Task AdaMomentum_stepped_on_the_official_runtimes_buffers_agrees_with_the_stock_one() =>
        Require("AdaMomentum, here", await JudgedTraining.AdaMomentum(host, Model()));

    /// <summary>
    /// On a batch that is not chosen: from the last layer down to the one where a value falls on different sides of a kink, the gradients agree.
    /// </summary>
    [Theory(Skip = OfficialRuntimeRealExports.Missing, SkipUnless = nameof(AreThere))]
    [InlineData(KernelUse.On)]
    [InlineData(KernelUse.Off)]
    public async Task Gradients_agree_as_long_as_no_value_behind_them_falls_on_different_sides_of_a_kink(KernelUse kernels)
    {
        var export = RealExportTable.All[Name];
        var probed = Probed(export);
        var graph = probed.Proto.Graph;
        var model = new JudgedModel(Name, () => probed, export.Options with { Output = graph.Output[0].Name }) { Batch = export.Batch };
        using var official = new OfficialSide(host, model, new OfficialLayoutOptions { RawGradients = true, TrainingOutputs = [.. graph.Output.Skip(1).Select(static output => output.Name)] });
        using var stock = new StockSide(model, kernels);
        await official.Open();
        var data = RealExportData.Create(export, stock.Session.Manifest);
        using var batch = stock.Session.CreateBatch(export.Batch, data);
        batch.Fill(data, [.. Enumerable.Range(0, export.Batch)]);
        stock.Session.TrainStep(batch);
        var here = stock.Session.EvalStep(batch);
        var there = await host.Runtime.Train(JudgedModel.Feeds(batch));
        await host.Runtime.Close();

        var sides = new KinkSides(graph);
        int different = 0, judged = 0;
        foreach (var node in graph.Node.Reverse())
        {
            if (KinkSides.IsKinked(node))
                different += Different(node);
            else if (node.OpType == "Conv")
                Require(node);
        }

        Assert.True(judged > 0);

        int Different(NodeProto node)
        {
            var other = there[node.Input[0]];
            float[] ours = here.Output(node.Input[0]).ToArray(), theirs = other.Floats;
            int[] left = sides.Of(node, ours, other.Shape), right = sides.Of(node, theirs, other.Shape);
            int[] places = [.. Enumerable.Range(0, left.Length).Where(place => left[place] != right[place])];
            double scale = Math.Sqrt(ours.Average(static value => (double)value * value));
            foreach (int place in places)
                output.WriteLine($"{node.Name}: of {left.Length} the one at {place} differs" + (node.OpType == "MaxPool" ? "" : $", {ours[place]} here and {theirs[place]} there; root mean square {scale:F2}"));
            return places.Length;
        }

        void Require(NodeProto node)
        {
            foreach (string parameter in node.Input.Skip(1))
            {
                double distance = Judgement.Distance(stock.Session.Gradients[stock.Session.Gradients.Layout[parameter]].ToArray(), there["grad::" + parameter].Floats);
                output.WriteLine($"{parameter}: {distance:0.0e+0}");
                if (different > 0)
                    continue;
                Assert.InRange(distance, 0, 1e-5);
                judged++;
            }
        }
    }

    /// <summary>The model with the values in front of its kinks as outputs.</summary>
    private static OnnxModel Probed(RealExport export)
    {
        var proto = OnnxModel.Load(ExportsCache.PathOf(export.File)).Proto.Clone();
        foreach (string name in proto.Graph.Node.Where(KinkSides.IsKinked).Select(static node => node.Input[0]))
            proto.Graph.Output.Add(TensorTypes.ToProto(name, new TensorType(ElementType.Float, null)));
        return new OnnxModel(proto, export.Name);
    }

    private void Require(string stepped, Judgement judgement)
    {
        output.WriteLine($"| {Name} | {stepped} {judgement} one parameter's gradient {judgement.Gradient:0.0e+0}");
        judgement.Require();
        Assert.InRange(judgement.Gradient, 0, 1e-5);
    }

    private static JudgedModel Model()
    {
        var export = RealExportTable.All[Name] with { Batch = 1 };
        return new(Name, () => OnnxModel.Load(ExportsCache.PathOf(export.File)), export.Options)
        {
            Batch = export.Batch,
            Choose = (session, batch, step) => Fill(session, batch, step, export),
        };
    }

    /// <summary>Fills a batch with the first made-up sample that keeps the margin, with the weights as they are.</summary>
    private static void Fill(FineTuningSession session, TrainingBatch batch, int step, RealExport export)
    {
        using var kinks = new KinkDistance(session.ExportModel());
        for (int sample = 0; sample < Samples; sample++)
        {
            batch.Fill(RealExportData.Create(export, session.Manifest, step * Samples + sample), [0]);
            if (kinks.Keeps(batch, Margin))
                return;
        }

        Assert.Fail($"None of {Samples} samples keeps away from the kinks in step {step}.");
    }
}
