using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training.Official;

/// <summary>
/// Has a training model of the official layout give the gradients of each step, which the official runtime otherwise adds to buffers that it shows
/// to nobody.
/// </summary>
internal static class RawGradients
{
    private const string Accumulator = "InPlaceAccumulatorV2";

    /// <summary>The model with an output for the gradient of every parameter that trains; as it was where it has them.</summary>
    /// <exception cref="FineTuningException">A parameter has no gradient in the model.</exception>
    public static ReadOnlyMemory<byte> AddTo(ReadOnlyMemory<byte> trainingModel, IEnumerable<ParameterInfo> trainable)
    {
        var model = ModelProto.Parser.ParseFrom(trainingModel.Span);
        var graph = model.Graph;
        var outputs = graph.Output.Select(static output => output.Name).ToHashSet();
        var gradients = graph.Node.Where(static node => node.OpType == Accumulator).ToDictionary(static node => node.Input[0], static node => node.Input[1]);
        ParameterInfo[] missing = [.. trainable.Where(parameter => !outputs.Contains(OfficialGraphNames.RawGradient(parameter.Name)))];
        foreach (var parameter in missing)
        {
            if (!gradients.TryGetValue(OfficialGraphNames.Buffer(parameter.Name), out string? gradient))
                throw new FineTuningException($"The training model adds up no gradient of '{parameter.Name}', so that parameter cannot be trained with it. Generate the artifacts anew.");
            string name = OfficialGraphNames.RawGradient(parameter.Name);
            graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { gradient }, Output = { name } });
            graph.Output.Add(TensorTypes.ToProto(name, TensorType.Of(ElementType.Float, [.. parameter.Shape])));
        }

        return missing.Length == 0 ? trainingModel : model.ToByteArray();
    }
}
