using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>The same step as a graph of ordinary operators, which writes where it reads.</summary>
internal sealed unsafe class StepGraphWorkload : IWorkload
{
    private static readonly string[] _states = ["parameters", "first_moment", "second_moment"];

    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly List<IDisposable> _memory = [];

    public StepGraphWorkload(int size, int threads)
    {
        _session = RuntimeSession.Open(OptimizerModel.Build(new AdaMomentumOptions()).ToByteArray(), new FineTuningOptions { Threads = threads });
        _binding = _session.CreateIoBinding();
        var layout = BufferLayout.Create([("tensor", [size])]);
        foreach (string name in _states.Append("gradients"))
        {
            var buffer = StepWorkload.Filled(layout, name.Length);
            if (name == "second_moment")
                buffer.Clear();
            var value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, TensorElementType.Float, [size], (nint)buffer.Pointer, (long)size * sizeof(float));
            _binding.BindInput(name, value);
            if (_states.Contains(name))
                _binding.BindOutput(name + "_out", value);
            _memory.AddRange([value, buffer]);
        }

        var rate = OrtValue.CreateTensorValueFromMemory([1e-3f], []);
        var step = OrtValue.CreateTensorValueFromMemory([10L], []);
        _binding.BindInput("learning_rate", rate);
        _binding.BindInput("step", step);
        _memory.AddRange([rate, step]);
    }

    public double Run()
    {
        _session.RunWithBinding(_options, _binding);
        return 0;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _session.Dispose();
        _memory.ForEach(static item => item.Dispose());
    }
}
