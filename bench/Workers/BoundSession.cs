using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>A session whose inputs hold random numbers that stay where they are. It owns the session.</summary>
internal sealed class BoundSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<NativeTensor> _tensors = [];

    /// <param name="session">Whose open axes are all the batch.</param>
    /// <param name="batch">Extent of the open axes.</param>
    /// <param name="weights">Values of inputs that are no random numbers: products of those may end subnormal, and take a hundred times as long.</param>
    public BoundSession(InferenceSession session, int batch, IReadOnlyDictionary<string, TensorProto>? weights = null)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        Random random = new(5);
        foreach (var (name, info) in session.InputMetadata)
        {
            long[] shape = [.. info.Dimensions.Select(extent => extent < 0 ? batch : (long)extent)];
            var tensor = new NativeTensor(name, (ElementType)info.ElementDataType, shape);
            if (tensor.ElementType == ElementType.Int64)
                RandomInputs.Fill(tensor.As<long>(), random, below: 2);
            else if (weights?.GetValueOrDefault(name) is { } weight)
                TensorData.ToFloats(weight).CopyTo(tensor.As<float>());
            else
                RandomInputs.Fill(tensor.As<float>(), random);
            _tensors.Add(tensor);
            _binding.BindInput(name, tensor.Value);
        }

        foreach (string output in session.OutputNames)
            _binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
    }

    public void Run() => _session.RunWithBinding(_options, _binding);

    /// <summary>Writes the profile that the session was opened for.</summary>
    /// <returns>The file.</returns>
    public string EndProfiling() => _session.EndProfiling();

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _session.Dispose();
        foreach (var tensor in _tensors)
            tensor.Dispose();
    }
}
