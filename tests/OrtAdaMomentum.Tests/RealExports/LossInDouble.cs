using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.RealExports.DoublePrecision;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>The training loss of a session and a batch, computed by ONNX Runtime in double precision from parameters that can be moved.</summary>
internal sealed class LossInDouble : IDisposable
{
    private readonly Dictionary<string, double[]> _parameters = [];
    private readonly Dictionary<string, OrtValue> _feeds = [];
    private readonly SessionOptions _options = new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _session;
    private readonly string _loss;

    public LossInDouble(TrainingArtifacts artifacts, FineTuningSession session, TrainingBatch batch)
    {
        var manifest = artifacts.Manifest;
        _loss = manifest.LossOutput;
        var training = ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span);
        foreach (var tensor in manifest.Inputs.Append(manifest.Target))
            _feeds[tensor.Name] = Feed(tensor, batch);
        foreach (var slot in session.Parameters.Layout.Slots)
            Add(slot.Name, session.Parameters[slot].ToArray(), slot.Shape);
        foreach (var state in manifest.States)
            Add(state.Name, artifacts.Initial.Tensors.First(tensor => tensor.Name == state.Name).Values, state.Shape);

        var shapes = Shapes(training, batch);
        _session = new InferenceSession(DoubleModel.Convert(training, _loss, name => shapes[name]).ToByteArray(), _options);
        foreach (string unused in _feeds.Keys.Where(name => !_session.InputNames.Contains(name)).ToList())
        {
            _feeds[unused].Dispose();
            _feeds.Remove(unused);
        }
    }

    /// <summary>The elements of a parameter; changes are seen by the next <see cref="Loss"/>.</summary>
    public double[] Parameter(string name) => _parameters[name];

    public double Loss()
    {
        using var results = _session.Run(_runOptions, _feeds, [_loss]);
        return results[0].GetTensorDataAsSpan<double>()[0];
    }

    /// <summary>The slope of the loss along one element.</summary>
    public double Slope(string parameter, int element, double step)
    {
        double[] values = _parameters[parameter];
        double before = values[element];
        values[element] = before + step;
        double high = Loss();
        values[element] = before - step;
        double low = Loss();
        values[element] = before;
        return (high - low) / (2 * step);
    }

    public void Dispose()
    {
        foreach (var value in _feeds.Values)
            value.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }

    private static OrtValue Feed(TensorInfo tensor, TrainingBatch batch)
    {
        long[] shape = [.. batch.ShapeOf(tensor.Name)];
        return tensor.ElementType switch
        {
            ElementType.Float => OrtValue.CreateTensorValueFromMemory(Doubles(batch.Tensor<float>(tensor.Name)), shape),
            ElementType.Int64 => OrtValue.CreateTensorValueFromMemory(batch.Tensor<long>(tensor.Name).ToArray(), shape),
            _ => throw new NotSupportedException(tensor.ToString()),
        };
    }

    private void Add(string name, float[] values, IReadOnlyList<long> shape)
    {
        _parameters[name] = Doubles(values);
        _feeds[name] = OrtValue.CreateTensorValueFromMemory(_parameters[name], [.. shape]);
    }

    /// <summary>The shapes of all values in this batch: what the runtime infers, and what it finds where it runs.</summary>
    private Dictionary<string, long[]> Shapes(ModelProto training, TrainingBatch batch)
    {
        var model = training.Clone();
        foreach (var input in model.Graph.Input.Where(input => !_parameters.ContainsKey(input.Name)))
        {
            var type = TensorTypes.FromProto(input.Type)!;
            input.Type = TensorTypes.ToProto(input.Name, TensorType.Of(type.ElementType, [.. batch.ShapeOf(input.Name)])).Type;
        }

        return RuntimeTypes.Infer(model).Where(static pair => pair.Value.StaticShape is not null)
            .ToDictionary(static pair => pair.Key, static pair => pair.Value.StaticShape!);
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<float, double>(values, wide);
        return wide;
    }
}
