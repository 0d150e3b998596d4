using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
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
}
