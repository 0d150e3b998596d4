using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.RealExports.DoublePrecision;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>
/// The training loss of a session and a batch, computed by ONNX Runtime in double precision from parameters that can be moved; and the gradient that
/// the training model computes, in double precision too.
/// </summary>
internal sealed class LossInDouble : IDisposable
{
    private readonly Dictionary<string, double[]> _parameters = [];
    private readonly Dictionary<string, OrtValue> _feeds = [];
    private readonly SessionOptions _options = new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
    private readonly RunOptions _runOptions = new();
    private readonly Dictionary<string, long[]> _shapes;
    private readonly ModelProto _training;
    private readonly InferenceSession _session;
    private readonly string _loss;

    public LossInDouble(TrainingArtifacts artifacts, FineTuningSession session, TrainingBatch batch)
    {
        var manifest = artifacts.Manifest;
        _loss = manifest.LossOutput;
        _training = ModelProto.Parser.ParseFrom(artifacts.TrainingModel.Span);
        foreach (var tensor in manifest.Inputs.Append(manifest.Target))
            _feeds[tensor.Name] = Feed(tensor, batch);
        foreach (var slot in session.Parameters.Layout.Slots)
            Add(slot.Name, session.Parameters[slot].ToArray(), slot.Shape);
        foreach (var state in manifest.States)
            Add(state.Name, artifacts.Initial.Tensors.First(tensor => tensor.Name == state.Name).Values.ToArray(), state.Shape);

        _shapes = Shapes(batch);
        _session = Open([_loss]);
        Here = Loss();
    }

    /// <summary>The loss of the parameters as they are in the session.</summary>
    public double Here { get; }

    /// <summary>The elements of a parameter; changes are seen by <see cref="Slopes"/>.</summary>
    public double[] Parameter(string name) => _parameters[name];

    private double Loss() => Run(_session, [_loss])[0][0];

    /// <summary>The gradients of parameters by name, as the training model computes them.</summary>
    public Dictionary<string, double[]> Gradients()
    {
        string[] outputs = [.. _parameters.Keys.Select(ArtifactManifest.GradientName).Intersect(_training.Graph.Output.Select(static output => output.Name))];
        using var session = Open(outputs);
        double[][] values = Run(session, outputs);
        return _parameters.Keys.Where(name => outputs.Contains(ArtifactManifest.GradientName(name)))
            .ToDictionary(static name => name, name => values[Array.IndexOf(outputs, ArtifactManifest.GradientName(name))]);
    }

    /// <summary>What the loss changes by, in parts of the step, when an element grows by <paramref name="step"/> and when it shrinks by it.</summary>
    public (double Forward, double Backward) Slopes(string parameter, int element, double step)
    {
        double[] values = _parameters[parameter];
        double before = values[element];
        values[element] = before + step;
        double high = Loss();
        values[element] = before - step;
        double low = Loss();
        values[element] = before;
        return ((high - Here) / step, (Here - low) / step);
    }

    public void Dispose()
    {
        foreach (var value in _feeds.Values)
            value.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }

    private InferenceSession Open(string[] outputs) =>
        new(DoubleModel.Convert(_training, outputs, name => _shapes[name]).ToByteArray(), _options);

    private double[][] Run(InferenceSession session, string[] outputs)
    {
        var feeds = _feeds.Where(pair => session.InputNames.Contains(pair.Key)).ToDictionary();
        using var results = session.Run(_runOptions, feeds, outputs);
        return [.. results.Select(static result => result.GetTensorDataAsSpan<double>().ToArray())];
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
    private Dictionary<string, long[]> Shapes(TrainingBatch batch)
    {
        var model = _training.Clone();
        foreach (var input in model.Graph.Input.Where(input => !_parameters.ContainsKey(input.Name)))
        {
            var type = TensorTypes.FromProto(input.Type)!;
            input.Type = TensorTypes.ToProto(input.Name, TensorType.Of(type.ElementType, [.. batch.ShapeOf(input.Name)])).Type;
        }

        var types = RuntimeTypes.Infer(model);
        var shapes = types.Where(static pair => pair.Value.StaticShape is not null)
            .ToDictionary(static pair => pair.Key, static pair => pair.Value.StaticShape!);
        string[] open = [.. types.Keys.Except(shapes.Keys)];
        if (open.Length == 0)
            return shapes;

        model.Graph.Output.Clear();
        model.Graph.Output.AddRange(open.Select(static name => new ValueInfoProto { Name = name }));
        UnusedNodes.Remove(model.Graph);
        var used = model.Graph.Node.SelectMany(SubGraphs.Reads).ToHashSet();
        var feeds = model.Graph.Input.Where(input => used.Contains(input.Name)).Select(input => FeedInSingle(input.Name, batch));
        foreach (var (name, value) in OrtRun.Run(model, [.. feeds]))
            shapes[name] = value.Shape;
        return shapes;
    }

    private (string Name, Array Data, long[] Shape) FeedInSingle(string name, TrainingBatch batch)
    {
        if (_parameters.TryGetValue(name, out double[]? values))
            return (name, Array.ConvertAll(values, static value => (float)value), _feeds[name].GetTensorTypeAndShape().Shape);
        bool integers = _feeds[name].GetTensorTypeAndShape().ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64;
        return (name, integers ? batch.Tensor<long>(name).ToArray() : batch.Tensor<float>(name).ToArray(), [.. batch.ShapeOf(name)]);
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        var wide = new double[values.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<float, double>(values, wide);
        return wide;
    }
}
