using Google.Protobuf;
using OrtAdaMomentum.Artifacts.Official.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Every case of an operator, its gradient written with the official operator, in the official runtime.</summary>
public sealed class OfficialRuntimeKernels(OfficialRuntimeHost host, ITestOutputHelper output) : IClassFixture<OfficialRuntimeHost>
{
    public static bool IsThere => OfficialRuntime.IsThere;

    public static TheoryData<string> Operators => [.. OfficialKernels.All.Select(static kernel => kernel.Forward)];

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Operators))]
    public async Task Gradients_by_the_official_operator_agree_with_those_by_ordinary_ones(string operatorType)
    {
        int compared = 0;
        var problems = new List<string>();
        foreach (var @case in KernelCase.Of(OfficialKernels.All.Single(kernel => kernel.Forward == operatorType)).Where(static item => KernelCase.HasSamples(item) && !HasLostDigits(item)))
        {
            using var written = new KernelCase(@case);
            foreach (var (shapes, model) in written.Models())
            {
                try
                {
                    written.AssertClose(await Run(model, written.Feeds), $"{shapes} shapes");
                    compared++;
                }
                catch (Exception problem) when (problem is OfficialRefusalException or Xunit.Sdk.XunitException or OperationCanceledException)
                {
                    problems.Add($"{@case.Name}, {shapes} shapes: {problem.Message}");
                }
            }
        }

        output.WriteLine($"| {operatorType} | {compared} models |");
        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
        Assert.NotEqual(0, compared);
    }

    private async Task<Dictionary<string, OrtTensor>> Run(ModelProto model, Dictionary<string, (Array Data, long[] Shape)> feeds)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("model.onnx");
        await File.WriteAllBytesAsync(file, model.ToByteArray(), TestContext.Current.CancellationToken);
        var inputs = model.Graph.Input.Select(input => (input.Name, Value(feeds[input.Name].Data, feeds[input.Name].Shape)));
        var gradients = await host.Runtime.Run(file, inputs);
        return gradients.ToDictionary(static pair => pair.Key, static pair => new OrtTensor(pair.Value.Floats, pair.Value.Shape));
    }

    /// <summary>With a mean of 100 the forward pass there has lost three digits, whatever computes the gradient.</summary>
    private static bool HasLostDigits(GradientCase @case) => @case.Description == "mean far from 0";

    private static OfficialValue Value(Array data, long[] shape)
    {
        var bytes = new byte[Buffer.ByteLength(data)];
        Buffer.BlockCopy(data, 0, bytes, 0, bytes.Length);
        return new OfficialValue(data switch
        {
            float[] => ElementType.Float,
            long[] => ElementType.Int64,
            int[] => ElementType.Int32,
            bool[] => ElementType.Bool,
            _ => throw new NotSupportedException($"{data.GetType()}"),
        }, shape, bytes);
    }
}
