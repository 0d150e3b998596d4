using System.Buffers.Binary;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Data whose targets begin with the number of time steps of their sample, as a loss takes them that leaves out what was filled up behind.</summary>
/// <param name="data">Data with targets that do not.</param>
/// <param name="target">The target.</param>
/// <param name="time">The input and its axis, without the batch, that has as many time steps as the output.</param>
internal sealed class TimedTargets(IDataset data, string target, (string Input, int Axis) time) : IDataset
{
    public int Count => data.Count;

    public IReadOnlyList<DatasetColumn> Columns { get; } =
        [.. data.Columns.Select(column => column.Name == target ? column with { SampleShape = [.. column.SampleShape.Select(Longer)] } : column)];

    /// <summary>The axis of an input that is the time of the output.</summary>
    /// <param name="manifest">What is trained.</param>
    /// <param name="timeFirst">Whether time is the first axis of the output.</param>
    /// <exception cref="FineTuningException">There is none, so that it is not known how many steps of the output a sample has.</exception>
    public static (string Input, int Axis) TimeOf(ArtifactManifest manifest, bool timeFirst)
    {
        var output = manifest.Outputs[0];
        var time = output.Shape[timeFirst ? 0 : 1];
        foreach (var input in manifest.Inputs)
        {
            foreach (var (axis, dimension) in input.Shape.Skip(1).Index())
            {
                if (dimension.Symbol is not null && dimension == time)
                    return (input.Name, axis);
            }
        }

        throw new FineTuningException(
            $"Padding: the time of the output '{output}' has not the name of an input's axis, so it is not known how many of its steps a sample has. Remove Padding; batches hold samples of equal extents then.");
    }

    public IReadOnlyList<long> ShapeOf(string column, int sample) =>
        column == target ? [.. data.ShapeOf(column, sample).Select(Longer)] : data.ShapeOf(column, sample);

    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        if (column != target)
        {
            data.Read(column, samples, destination);
            return;
        }

        for (int index = 0; index < samples.Length; index++)
        {
            int size = (int)(sizeof(long) * ShapeOf(target, samples[index])[0]);
            BinaryPrimitives.WriteInt64LittleEndian(destination, data.ShapeOf(time.Input, samples[index])[time.Axis]);
            data.Read(target, samples.Slice(index, 1), destination[sizeof(long)..size]);
            destination = destination[size..];
        }
    }

    private static long Longer(long extent) => extent == DatasetColumn.OpenExtent ? extent : extent + 1;
}
