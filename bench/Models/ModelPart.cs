using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>A model cut in two at a value.</summary>
internal static class ModelPart
{
    /// <summary>The part that computes the value.</summary>
    public static OnnxModel Before(OnnxModel model, string value)
    {
        var proto = ModelProto.Parser.ParseFrom(model.ToBytes());
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(new ValueInfoProto { Name = value });
        UnusedNodes.Remove(proto.Graph);
        return new OnnxModel(proto, $"before {value}");
    }

    /// <summary>The part that goes on from the value, which is then its input; its first axis is the batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="value">Name of the value.</param>
    /// <param name="batch">Samples with which the runtime is asked for the value's shape.</param>
    public static OnnxModel After(OnnxModel model, string value, int batch)
    {
        var proto = ModelProto.Parser.ParseFrom(model.ToBytes());
        var shape = ShapeOf(proto, value, batch);
        foreach (var node in proto.Graph.Node.Where(node => node.Output.Contains(value)).ToList())
            proto.Graph.Node.Remove(node);
        proto.Graph.Input.Clear();
        proto.Graph.Input.Add(TensorTypes.ToProto(value, new TensorType(ElementType.Float, [Dimension.Named("batch"), .. shape.Skip(1)])));
        UnusedNodes.Remove(proto.Graph);
        return new OnnxModel(proto, $"after {value}");
    }

    private static IReadOnlyList<Dimension> ShapeOf(ModelProto model, string value, int batch)
    {
        var fixedModel = model.Clone();
        foreach (var axis in fixedModel.Graph.Input.SelectMany(static input => input.Type.TensorType.Shape.Dim).Where(static axis => !axis.HasDimValue))
            axis.DimValue = batch;
        return RuntimeTypes.InferFixed(fixedModel)[value].Shape ?? throw new InvalidOperationException($"The shape of '{value}' is not known.");
    }
}
