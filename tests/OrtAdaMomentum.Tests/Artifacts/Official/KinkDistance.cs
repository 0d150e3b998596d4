using System.Numerics.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>
/// How near the values of a network come to its kinks: LeakyRelu's zero, the two operands of Max, and the two largest values of a pooling window. On
/// different sides of one, two runtimes that differ by rounding have different gradients, and both are right.
/// </summary>
internal sealed class KinkDistance : IDisposable
{
    private readonly NodeProto[] _kinked;
    private readonly KinkSides _sides;
    private readonly SessionOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 };
    private readonly RunOptions _runOptions = new();
    private readonly InferenceSession _session;

    /// <param name="model">A model of one input.</param>
    public KinkDistance(OnnxModel model)
    {
        var proto = model.Proto.Clone();
        _sides = new KinkSides(proto.Graph);
        _kinked = [.. proto.Graph.Node.Where(KinkSides.IsKinked)];
        proto.Graph.Output.Clear();
        proto.Graph.Output.AddRange(_kinked.Select(static node => new ValueInfoProto { Name = node.Input[0] }));
        _session = new InferenceSession(proto.ToByteArray(), _options);
    }

    /// <summary>Whether no value lies nearer to a kink than a margin.</summary>
    /// <param name="batch">The batch whose input the model gets.</param>
    /// <param name="margin">In parts of the root mean square of the tensor that the value lies in.</param>
    public bool Keeps(TrainingBatch batch, double margin)
    {
        using var results = _session.Run(_runOptions, _session.InputNames, [batch.Inputs[0].Value], [.. _kinked.Select(static node => node.Input[0])]);
        return _kinked.Zip(results).All(pair => Distance(pair.First, pair.Second) >= margin);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }

    private double Distance(NodeProto node, OrtValue value)
    {
        var x = value.GetTensorDataAsSpan<float>();
        double distance = node.OpType switch
        {
            "LeakyRelu" => Nearest(x, 0),
            "Max" => Nearest(x, _sides.Limit(node)),
            _ => _sides.Leads(node, x.ToArray(), value.GetTensorTypeAndShape().Shape).Min(static lead => lead.Lead),
        };
        return distance / Math.Sqrt(TensorPrimitives.SumOfSquares(x) / x.Length);
    }

    private static float Nearest(ReadOnlySpan<float> x, float limit)
    {
        var differences = new float[x.Length];
        TensorPrimitives.Subtract(x, limit, differences);
        return Math.Abs(TensorPrimitives.MinMagnitude<float>(differences));
    }
}
