using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Official checkpoints for tests.</summary>
internal static class Checkpoints
{
    /// <summary>The folder with the artifacts of the official tool.</summary>
    public static string Mnist(string file) => TestFiles.Model(Path.Combine("official-mnist", file));

    /// <summary>A checkpoint that has something in every field.</summary>
    public static OfficialCheckpoint Full() => new()
    {
        TrainableParameters =
        [
            OfficialTensor.FromSingles("net/fc.weight", [2, 3], [1, -2.5f, float.NaN, float.PositiveInfinity, -0f, float.Epsilon]),
            OfficialTensor.FromSingles("net/fc.bias", [3], [0.1f, 0.2f, 0.3f]) with { Documentation = "a note with ä and 字" },
            OfficialTensor.FromSingles("scale", [], [7]),
        ],
        FrozenParameters =
        [
            new OfficialTensor("count", ElementType.Int64, [2], new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255 }),
            new OfficialTensor("words", ElementType.String, [2], ReadOnlyMemory<byte>.Empty) { Strings = ["", "zwölf"] },
            new OfficialTensor("none", ElementType.Float16, [0, 4], ReadOnlyMemory<byte>.Empty),
            new OfficialTensor("flag", ElementType.Bool, [3], new byte[] { 1, 0, 1 }),
        ],
        OptimizerGroups =
        [
            new OfficialOptimizerGroup(
                OfficialOptimizerGroup.DefaultName,
                long.MaxValue,
                1e-5f,
                [
                    new OfficialOptimizerState(
                        "net/fc.bias",
                        [
                            OfficialTensor.FromSingles(OfficialOptimizerState.FirstMoment, [3], [1, 2, 3]),
                            OfficialTensor.FromSingles(OfficialOptimizerState.SecondMoment, [3], [4, 5, 6]),
                        ]),
                    new OfficialOptimizerState("scale", []),
                ]),
            new OfficialOptimizerGroup("second", 0, 0, []),
        ],
        Properties = new OfficialProperties
        {
            Integers = [new("epoch", 3), new("lowest", long.MinValue)],
            Numbers = [new("best loss", 0.25f), new("none yet", float.NaN)],
            Texts = [new("user", "Jörg"), new("empty", "")],
        },
    };

    /// <summary>The same checkpoint with its parameters beside it; a text cannot lie there.</summary>
    public static OfficialCheckpoint FullExternal()
    {
        var full = Full();
        return full with
        {
            HasExternalData = true,
            TrainableParameters = [.. full.TrainableParameters.Select(static tensor => tensor with { IsExternal = true })],
            FrozenParameters = [.. full.FrozenParameters.Select(static tensor => tensor with { IsExternal = tensor.ElementType != ElementType.String })],
        };
    }

    public static void AssertEqual(OfficialCheckpoint expected, OfficialCheckpoint actual)
    {
        Assert.Equal(expected.IsNominal, actual.IsNominal);
        Assert.Equal(expected.HasExternalData, actual.HasExternalData);
        AssertEqual(expected.TrainableParameters, actual.TrainableParameters);
        AssertEqual(expected.FrozenParameters, actual.FrozenParameters);
        Assert.Equal(expected.OptimizerGroups.Count, actual.OptimizerGroups.Count);
        foreach (var (one, other) in expected.OptimizerGroups.Zip(actual.OptimizerGroups))
        {
            Assert.Equal((one.Name, one.Step), (other.Name, other.Step));
            Assert.Equal(BitConverter.SingleToInt32Bits(one.InitialLearningRate), BitConverter.SingleToInt32Bits(other.InitialLearningRate));
            Assert.Equal(one.States.Select(static state => state.Parameter), other.States.Select(static state => state.Parameter));
            foreach (var (state, otherState) in one.States.Zip(other.States))
                AssertEqual(state.Moments, otherState.Moments);
        }

        Assert.Equal(expected.Properties.Integers, actual.Properties.Integers);
        Assert.Equal(Bits(expected.Properties.Numbers), Bits(actual.Properties.Numbers));
        Assert.Equal(expected.Properties.Texts, actual.Properties.Texts);
    }

    private static IEnumerable<(string, int)> Bits(IEnumerable<KeyValuePair<string, float>> numbers) =>
        numbers.Select(static pair => (pair.Key, BitConverter.SingleToInt32Bits(pair.Value)));

    private static void AssertEqual(IReadOnlyList<OfficialTensor> expected, IReadOnlyList<OfficialTensor> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.Equal((one.Name, one.ElementType, one.Documentation, one.IsExternal), (other.Name, other.ElementType, other.Documentation, other.IsExternal));
            Assert.Equal(one.Shape, other.Shape);
            Assert.Equal(one.Strings, other.Strings);
            Assert.True(one.Data.Span.SequenceEqual(other.Data.Span), $"The data of '{one.Name}' differs.");
        }
    }
}
