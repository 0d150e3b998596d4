using System.Runtime.InteropServices;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training.Data;

/// <summary>What models take, and reading back what a dataset gives.</summary>
internal static class Schemas
{
    public static TensorInfo Tensor(string name, ElementType type, params Dimension[] sampleShape) =>
        new(name, type, [Dimension.Named("batch"), .. sampleShape]);

    /// <summary>One input <c>x</c> of the given sample shape and a class index.</summary>
    public static DatasetSchema Classifier(long classes, params Dimension[] sampleShape) =>
        new([Tensor("x", ElementType.Float, sampleShape)], Tensor("labels", ElementType.Int64))
        {
            TargetKind = TargetKind.ClassIndex, ClassCount = classes,
        };

    /// <summary>One input <c>x</c> and a target of single numbers.</summary>
    public static DatasetSchema Regression(params Dimension[] sampleShape) =>
        new([Tensor("x", ElementType.Float, sampleShape)], Tensor("labels", ElementType.Float));

    /// <summary>The samples of a column, all of them unless some are named.</summary>
    public static T[] Values<T>(this IDataset data, string column, params int[] samples)
        where T : unmanaged
    {
        int[] chosen = samples.Length > 0 ? samples : [.. Enumerable.Range(0, data.Count)];
        var info = data.Columns.Single(candidate => candidate.Name == column);
        var values = new T[chosen.Length * info.SampleLength];
        data.Read(column, chosen, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
