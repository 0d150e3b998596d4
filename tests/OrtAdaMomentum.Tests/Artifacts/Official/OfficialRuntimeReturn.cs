using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Tools;
using OrtAdaMomentum.Tests.Training;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Artifacts of the official tool, trained here for a while, go on in the official runtime.</summary>
public sealed class OfficialRuntimeReturn(OfficialRuntimeHost host) : IClassFixture<OfficialRuntimeHost>
{
    public static bool IsThere => OfficialRuntime.IsThere;

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_official_runtime_goes_on_where_the_stock_one_stopped(int stepsHere)
    {
        using var folder = new TemporaryFolder();
        var artifacts = OfficialMnist.Load();
        using var session = FineTuningSession.Open(artifacts);
        using var batch = OfficialMnist.Batch(session);
        for (int step = 0; step < stepsHere; step++)
            Assert.Equal(OfficialMnist.Losses[step], OfficialMnist.Step(session, batch), 2e-6);
        artifacts.Save(folder.Path, session.ToOfficialCheckpoint(artifacts.Checkpoint));

        await host.Runtime.Open(folder.Path);
        for (int step = stepsHere; step < OfficialMnist.Losses.Count; step++)
        {
            Assert.Equal(OfficialMnist.Losses[step], await Step(), 2e-6);
            Assert.Equal(OfficialMnist.Losses[step], OfficialMnist.Step(session, batch), 2e-6);
        }

        float[] there = await host.Runtime.Parameters(), here = session.ToBuffer();
        Assert.InRange(Math.Sqrt(there.Zip(here).Sum(static pair => Math.Pow(pair.First - pair.Second, 2)) / here.Sum(static value => (double)value * value)), 0, 1e-5);
        await host.Runtime.Close();

        async Task<float> Step()
        {
            // There labels are 32-bit.
            byte[] labels = [1, 0, 0, 0, 1, 0, 0, 0];
            var image = batch.Tensors.Single(static tensor => tensor.Name == "input-0");
            var outputs = await host.Runtime.Train(
            [
                ("input-0", new OfficialValue(image.ElementType, image.Shape, image.Bytes.ToArray())), ("labels", new OfficialValue(ElementType.Int32, [2], labels)),
            ]);
            await host.Runtime.Step();
            await host.Runtime.Reset();
            return outputs.Single().Value.Floats[0];
        }
    }

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public async Task The_official_runtime_goes_on_from_what_the_tool_has_trained(string optimizer)
    {
        const int size = 16, steps = 3;
        using var files = new ToolFixture();
        await files.GenerateAsync("--layout", "official", "--official-optimizer", optimizer);
        string folder = files.File("trained");
        await ToolRun.SucceedAsync(files.Train("--official-out", folder));

        await host.Runtime.Open(folder);
        using var session = FineTuningSession.Open(OfficialArtifacts.Load(folder));
        Assert.Equal(session.ToBuffer(), await host.Runtime.Parameters());
        var data = TinyTask.Data(size * steps);
        using var batch = session.CreateBatch(size, data);
        var judgement = new Judgement();
        float[] start = session.ToBuffer();
        for (int step = 0; step < steps; step++)
        {
            batch.Fill(data, [.. Enumerable.Range(step * size, size)]);
            var there = await host.Runtime.Train(JudgedModel.Feeds(batch));
            judgement.AddLoss(OfficialMnist.Step(session, batch), there[session.Manifest.LossOutput].Floats[0]);
            await host.Runtime.Step();
            await host.Runtime.Reset();
        }

        judgement.SetParameters(start, session.ToBuffer(), await host.Runtime.Parameters());
        await host.Runtime.Close();
        judgement.Require();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task A_whole_network_of_official_operators_has_the_gradients_of_the_official_runtime()
    {
        const int size = 5;
        using var folder = new TemporaryFolder();
        OfficialNetwork.Save(folder.Path, size);
        using var session = FineTuningSession.Open(OfficialArtifacts.Load(folder.Path), new FineTuningOptions { Threads = 1 });
        await host.Runtime.Open(folder.Path);
        using var batch = session.CreateBatch(size);
        OrtRun.Random(size * 64, size).CopyTo(batch.Tensor<float>("x"));
        int[] labels = [.. Enumerable.Range(0, size).Select(static sample => sample % 3)];
        for (int sample = 0; sample < size; sample++)
            batch.Tensor<long>("labels")[sample] = labels[sample];
        float loss = session.TrainStep(batch);
        session.LazyResetGrad();

        var image = batch.Tensors.Single(static tensor => tensor.Name == "x");
        var outputs = await host.Runtime.Train(
        [
            ("x", new OfficialValue(image.ElementType, image.Shape, image.Bytes.ToArray())),
            ("labels", new OfficialValue(ElementType.Int32, [size], [.. labels.SelectMany(BitConverter.GetBytes)])),
        ]);
        Assert.Equal(outputs["loss"].Floats[0], loss, 1e-5 * loss);
        foreach (var slot in session.Gradients.Layout.Slots)
        {
            float[] there = outputs["grad::" + slot.Name].Floats, here = session.Gradients[slot].ToArray();
            Assert.All(there.Zip(here), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
        }

        await host.Runtime.Close();
    }
}
