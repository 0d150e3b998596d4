using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>Brings tensors into the runtime and back.</summary>
/// <param name="server">Gives the session to use.</param>
/// <param name="metrics">Counts requests.</param>
/// <param name="drift">Observes requests.</param>
/// <param name="time">Measures how long they take.</param>
/// <param name="openAxes">Bounds of the axes that the model leaves open; none before they are known.</param>
internal sealed class Predictor(
    IModelServer server, FineTuningMetrics metrics, DriftMonitor drift, TimeProvider time, Func<IReadOnlyList<OpenAxis>>? openAxes = null) : IPredictor
{
    public Prediction Predict(IReadOnlyDictionary<string, SampleTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var options = new RunOptions();
        return Run(inputs, options);
    }

    public async Task<Prediction> PredictAsync(IReadOnlyDictionary<string, SampleTensor> inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var options = new RunOptions();
        using var registration = cancellationToken.Register(static state => ((RunOptions)state!).Terminate = true, options);
        try
        {
            return await Task.Run(() => Run(inputs, options), cancellationToken).ConfigureAwait(false);
        }
        catch (OnnxRuntimeException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>The outputs for a sample that fits the model, uncounted.</summary>
    internal static IReadOnlyDictionary<string, SampleTensor> Answer(InferenceSession session, IReadOnlyDictionary<string, SampleTensor> inputs)
    {
        using var options = new RunOptions();
        return Run(session, inputs, single: true, options);
    }

    private Prediction Run(IReadOnlyDictionary<string, SampleTensor> inputs, RunOptions options)
    {
        long started = time.GetTimestamp();
        string outcome = "error";
        try
        {
            using var lease = server.Acquire();
            bool single = Check(lease.Session, inputs);
            var outputs = openAxes?.Invoke() is { Count: > 0 } axes
                ? Run(lease.Session, inputs, single, options, axes)
                : Run(lease.Session, inputs, single, options);
            var prediction = new Prediction(outputs, lease.Version);
            outcome = "ok";
            if (single)
                drift.Observe(inputs, prediction);
            return prediction;
        }
        catch (InvalidSampleException)
        {
            outcome = "invalid";
            throw;
        }
        finally
        {
            metrics.Requested(outcome, time.GetElapsedTime(started));
        }
    }

    private static Dictionary<string, SampleTensor> Run(
        InferenceSession session, IReadOnlyDictionary<string, SampleTensor> inputs, bool single, RunOptions options)
    {
        var values = new List<OrtValue>(inputs.Count);
        try
        {
            foreach (string name in session.InputNames)
                values.Add(ToValue(inputs[name], single));
            using var results = session.Run(options, session.InputNames, values, session.OutputNames);
            var outputs = new Dictionary<string, SampleTensor>(StringComparer.Ordinal);
            for (int index = 0; index < results.Count; index++)
                outputs.Add(session.OutputNames[index], FromValue(session, session.OutputNames[index], results[index], single));
            return outputs;
        }
        finally
        {
            foreach (var value in values)
                value.Dispose();
        }
    }

    /// <summary>Checks the inputs and tells whether they are those of a single sample.</summary>
    private static bool Check(InferenceSession session, IReadOnlyDictionary<string, SampleTensor> inputs)
    {
        if (inputs.Keys.FirstOrDefault(name => !session.InputMetadata.ContainsKey(name)) is { } unknown)
            throw new InvalidSampleException($"The model has no input '{unknown}'. Its inputs: {string.Join(", ", session.InputNames)}.");
        bool? single = null;
        foreach (var (name, metadata) in session.InputMetadata)
        {
            if (!inputs.TryGetValue(name, out var tensor))
                throw new InvalidSampleException($"Input '{name}' is missing. The model's inputs: {string.Join(", ", session.InputNames)}.");
            int[] wanted = metadata.Dimensions;
            bool isSample = tensor.Shape.Count == wanted.Length - 1;
            bool fits = (ElementType)metadata.ElementDataType == tensor.ElementType
                && Fits(tensor.ShapeSpan, isSample ? wanted.AsSpan(1) : wanted);
            if (!fits)
            {
                string shape = string.Join(", ", wanted.Select(static extent => extent < 0 ? "?" : $"{extent}"));
                throw new InvalidSampleException(
                    $"Input '{name}' is {tensor}, but the model takes {(ElementType)metadata.ElementDataType}[{shape}], with or without the first axis.");
            }

            if (single is { } before && before != isSample)
                throw new InvalidSampleException("Either all inputs have a batch axis or none.");
            single = isSample;
        }

        return single ?? false;
    }

    /// <summary>Runs a model that leaves axes open, of which the extents are looked at before the runtime takes memory for them.</summary>
    private static Dictionary<string, SampleTensor> Run(
        InferenceSession session, IReadOnlyDictionary<string, SampleTensor> inputs, bool single, RunOptions options, IReadOnlyList<OpenAxis> axes)
    {
        int batchAxes = single ? 0 : 1;
        foreach (var (name, tensor) in inputs)
            ExtentCheck.CheckBounds(axes, name, tensor.Shape, batchAxes, "Input");
        ExtentCheck.CheckNames(axes, name => inputs.GetValueOrDefault(name)?.Shape, batchAxes);
        try
        {
            return Run(session, inputs, single, options);
        }
        catch (OnnxRuntimeException error) when (!options.Terminate)
        {
            throw ExtentTrial.Refusal(ExtentTrial.Describe(axes, inputs, batchAxes), error);
        }
    }

    private static bool Fits(ReadOnlySpan<long> shape, ReadOnlySpan<int> wanted)
    {
        if (shape.Length != wanted.Length)
            return false;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (wanted[axis] >= 0 && wanted[axis] != shape[axis])
                return false;
        }

        return true;
    }

    private static OrtValue ToValue(SampleTensor tensor, bool single)
    {
        long[] shape = single ? [1, .. tensor.ShapeSpan] : [.. tensor.ShapeSpan];
        // The runtime's element types have the numbers of the ONNX specification, as ours have.
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.ElementType, shape);
        tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static SampleTensor FromValue(InferenceSession session, string name, OrtValue value, bool single)
    {
        if (!value.IsTensor)
            throw new FineTuningException($"Output '{name}' is not a tensor; lease the session to read it.");
        var info = value.GetTensorTypeAndShape();
        var type = (ElementType)info.ElementDataType;
        if (type.SizeInBytes() == 0)
            throw new FineTuningException($"Output '{name}' has elements of type {type}; lease the session to read it.");
        ReadOnlySpan<long> shape = info.Shape;
        if (single && shape.Length > 0 && shape[0] == 1 && OutputAxes.IsBatchInFront(session, session.OutputMetadata[name]))
            shape = shape[1..];
        return SampleTensor.FromBytes(type, value.GetTensorMutableRawData(), shape);
    }
}
