using System.Buffers;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// A dataset seen through a schema: with the columns, shapes and element types that the model takes. Every value is checked once, when it
/// is made; conversion happens while reading, so that bytes stay bytes in memory.
/// </summary>
public sealed class FittedDataset : IDataset
{
    // Samples checked at once: bounds the memory of the check whatever the size of the dataset.
    private const int CheckedBytes = 1 << 20;

    private readonly IDataset _source;
    private readonly Dictionary<string, Fit> _fits = new(StringComparer.Ordinal);
    private readonly List<DatasetColumn> _columns = [];

    private FittedDataset(IDataset source) => _source = source;

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DatasetColumn> Columns => _columns;

    /// <summary>Checks that the data has what the schema asks for; columns that it does not ask for are left out.</summary>
    /// <param name="source">The data.</param>
    /// <param name="schema">The tensors wanted.</param>
    /// <param name="options">How to convert; null for the defaults.</param>
    /// <param name="name">How messages call the data.</param>
    /// <exception cref="DatasetException">A column is missing, its shape does not fit, or a value has no equal in the model's type.</exception>
    public static FittedDataset Create(IDataset source, DatasetSchema schema, DatasetReadOptions? options = null, string name = "The data")
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(schema);
        if (source.Count == 0)
            throw new DatasetException($"{name} has no samples.");
        var fitted = new FittedDataset(source);
        foreach (var input in schema.Inputs)
            fitted.Add(input, scale: options?.ScaleBytes == true, null, name);
        fitted.Add(schema.Target, scale: false, schema.TargetProblem, name);
        return fitted;
    }

    /// <inheritdoc/>
    public void Read(string column, ReadOnlySpan<int> samples, Span<byte> destination)
    {
        var fit = FitOf(column);
        if (fit.IsCopy)
        {
            _source.Read(column, samples, destination);
            return;
        }

        int length = destination.Length / fit.Wanted.ElementType.SizeInBytes() * fit.Source.ElementType.SizeInBytes();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            _source.Read(column, samples, buffer.AsSpan(0, length));
            ElementConversion.Convert(fit.Source.ElementType, buffer.AsSpan(0, length), fit.Wanted.ElementType, destination, fit.Factor);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string column, int sample) =>
        FitOf(column) is { Source.IsOpen: false } fit ? fit.Wanted.SampleShape : _source.ShapeOf(column, sample);

    private Fit FitOf(string column) => _fits.TryGetValue(column, out Fit? fit)
        ? fit
        : throw new DatasetException($"The data has no column named '{column}'. Columns: {string.Join(", ", _fits.Keys)}.");

    private void Add(TensorInfo value, bool scale, Func<double, string?>? problem, string name)
    {
        var stored = _source.Columns.FirstOrDefault(column => column.Name == value.Name)
            ?? throw new DatasetException(
                $"{name} has no tensor named '{value.Name}', which the model takes ({value}). It has: {string.Join(", ", _source.Columns.Select(static column => column.Name))}.");
        var axes = DatasetSchema.SampleAxes(value);
        if (!ShapeFit.TryFit(stored.SampleShape, axes, out long[]? shape))
        {
            throw new DatasetException(
                $"{name}: a sample of '{value.Name}' has shape [{string.Join(", ", stored.SampleShape)}], but the model takes [{string.Join(", ", axes)}].");
        }

        var type = value.ElementType;
        if (stored.ElementType != type && !(ElementConversion.IsNumber(stored.ElementType) && ElementConversion.IsNumber(type)))
            throw new DatasetException($"{name}: '{value.Name}' is stored as {stored.ElementType}, which cannot be converted to the model's {type}.");
        double factor = scale && stored.ElementType == ElementType.UInt8 && type.IsFloatingPoint() ? 1.0 / 255 : 1;
        var fit = new Fit(stored, new DatasetColumn(value.Name, type, shape), factor);
        if (stored.IsOpen)
            CheckEach(fit, problem, name);
        else
            Check(fit, problem, name);
        _fits.Add(value.Name, fit);
        _columns.Add(fit.Wanted);
    }

    private void Check(Fit fit, Func<double, string?>? ownProblem, string name)
    {
        (var stored, var wanted) = (fit.Source, fit.Wanted.ElementType);
        if (!ElementConversion.IsNumber(stored.ElementType))
            return;
        int sampleBytes = checked((int)(stored.SampleLength * stored.ElementType.SizeInBytes()));
        int batch = Math.Clamp(CheckedBytes / Math.Max(sampleBytes, 1), 1, Count);
        byte[] buffer = new byte[batch * sampleBytes];
        int[] samples = new int[batch];
        for (int start = 0; start < Count; start += batch)
        {
            int size = Math.Min(batch, Count - start);
            for (int index = 0; index < size; index++)
                samples[index] = start + index;
            var bytes = buffer.AsSpan(0, size * sampleBytes);
            _source.Read(stored.Name, samples.AsSpan(0, size), bytes);
            if (ElementConversion.Problem(stored.ElementType, bytes, wanted, ownProblem) is { } problem)
                throw Problem(stored, start + (problem.Index / stored.SampleLength), problem.Index % stored.SampleLength, stored.SampleLength, problem.What, name);
        }
    }

    /// <summary>The same for samples with shapes of their own, which are checked too.</summary>
    private void CheckEach(Fit fit, Func<double, string?>? ownProblem, string name)
    {
        var stored = fit.Source;
        for (int sample = 0; sample < Count; sample++)
        {
            var shape = _source.ShapeOf(stored.Name, sample);
            bool fits = shape.Count == stored.SampleShape.Count
                && shape.Zip(stored.SampleShape).All(static axis => axis.Second == DatasetColumn.OpenExtent ? axis.First >= 0 : axis.First == axis.Second);
            if (!fits)
            {
                throw new DatasetException(
                    $"{name}: '{stored.Name}', sample {sample} has the shape [{string.Join(", ", shape)}], but the data announces [{string.Join(", ", stored.SampleShape)}], where {DatasetColumn.OpenExtent} stands for any extent.");
            }

            if (!ElementConversion.IsNumber(stored.ElementType))
                continue;
            long length = ShapeFit.Product(shape);
            byte[] bytes = new byte[checked(length * stored.ElementType.SizeInBytes())];
            _source.Read(stored.Name, [sample], bytes);
            if (ElementConversion.Problem(stored.ElementType, bytes, fit.Wanted.ElementType, ownProblem) is { } problem)
                throw Problem(stored, sample, problem.Index, length, problem.What, name);
        }
    }

    private static DatasetException Problem(DatasetColumn stored, long sample, long element, long length, string what, string name) =>
        new($"{name}: '{stored.Name}', sample {sample}{(length > 1 ? $", element {element}" : "")}: {what}.");

    private sealed record Fit(DatasetColumn Source, DatasetColumn Wanted, double Factor)
    {
        public bool IsCopy => Source.ElementType == Wanted.ElementType && Factor == 1;
    }
}
