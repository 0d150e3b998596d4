using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Memory for a batch of samples that the session reads in place. Make one for each batch size and use it again: a step then allocates
/// nothing.
/// </summary>
public sealed class TrainingBatch : IDisposable
{
    private readonly Dictionary<string, NativeTensor> _tensors = [];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly BatchPadding _padding;
    private IDataset? _checked;

    internal TrainingBatch(ArtifactManifest manifest, int size, IReadOnlyDictionary<string, long[]> shapes, BatchPadding padding)
    {
        Size = size;
        Manifest = manifest;
        foreach (var info in manifest.Inputs.Append(manifest.Target))
            _tensors[info.Name] = new NativeTensor(info.Name, info.ElementType, shapes[info.Name]);
        Target = _tensors[manifest.Target.Name];
        _padding = padding;
        Inputs = [.. manifest.Inputs.Select(info => _tensors[info.Name])];
    }

    /// <summary>Number of samples.</summary>
    public int Size { get; }

    internal ArtifactManifest Manifest { get; }

    internal NativeTensor Target { get; }

    // An array, so that going over it allocates no enumerator in every step.
    internal NativeTensor[] Inputs { get; }

    internal IReadOnlyCollection<NativeTensor> Tensors => _tensors.Values;

    internal long ByteLength => _tensors.Values.Sum(static tensor => (long)tensor.ByteLength);

    internal OrtIoBinding? TrainingBinding { get; set; }

    internal IEvalOutputs? EvalOutputs { get; set; }

    /// <summary>The shape of an input or of the target in this batch.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => Find(name).Shape;

    /// <summary>The elements of an input or of the target, to be filled in.</summary>
    /// <typeparam name="T">The element type's .NET type: <see cref="float"/>, <see cref="long"/>, <see cref="int"/> and so on.</typeparam>
    /// <exception cref="FineTuningException">There is no such tensor, or its elements have another size.</exception>
    public unsafe Span<T> Tensor<T>(string name)
        where T : unmanaged
    {
        var tensor = Find(name);
        return sizeof(T) == tensor.ElementType.SizeInBytes()
            ? tensor.As<T>()
            : throw new FineTuningException($"'{name}' has elements of type {tensor.ElementType}, not {typeof(T).Name}.");
    }

    internal OrtValue ValueOf(string name) => Find(name).Value;

    /// <summary>Copies samples of a dataset into this batch: as many as the batch has.</summary>
    /// <exception cref="FineTuningException">The dataset lacks a tensor, or one has another type or shape.</exception>
    public void Fill(IDataset data, ReadOnlySpan<int> samples)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (samples.Length != Size)
            throw new FineTuningException($"The batch takes {Size} samples, but {samples.Length} are given.");
        if (!ReferenceEquals(_checked, data))
        {
            _open.Clear();
            foreach (var tensor in _tensors.Values)
                Check(data, tensor);
            _checked = data;
        }

        foreach (var tensor in _tensors.Values)
        {
            if (_open.Contains(tensor.Name))
                OpenExtents.Read(data, samples, tensor, _padding.ElementOf(tensor.Name));
            else
                data.Read(tensor.Name, samples, tensor.Bytes);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        TrainingBinding?.Dispose();
        EvalOutputs?.Dispose();
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private NativeTensor Find(string name) =>
        _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new FineTuningException($"There is no input or target named '{name}'. There are: {string.Join(", ", _tensors.Keys)}.");

    private void Check(IDataset data, NativeTensor tensor)
    {
        var column = data.Columns.FirstOrDefault(column => column.Name == tensor.Name)
            ?? throw new FineTuningException(
                $"The data has no tensor named '{tensor.Name}'. It has: {string.Join(", ", data.Columns.Select(static column => column.Name))}.");
        if (column.ElementType != tensor.ElementType)
            throw new FineTuningException($"'{tensor.Name}' must hold {tensor.ElementType}, but the data holds {column.ElementType}.");
        if (column.IsOpen)
        {
            _open.Add(tensor.Name);
            return;
        }

        if (column.SampleLength * Size != tensor.Shape.Aggregate(1L, static (product, extent) => product * extent)
            || !column.SampleShape.SequenceEqual(tensor.Shape.Skip(1)))
        {
            throw new FineTuningException(
                $"A sample of '{tensor.Name}' has the shape [{string.Join(", ", column.SampleShape)}] in the data, but the model takes [{string.Join(", ", tensor.Shape.Skip(1))}].");
        }
    }
}
