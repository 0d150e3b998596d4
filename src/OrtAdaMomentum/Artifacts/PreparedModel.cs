using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>A model at the internal opset, with the types of its values and the tensors that could train.</summary>
internal sealed class PreparedModel
{
    private PreparedModel(ModelProto proto, IReadOnlyDictionary<string, TensorType> types, ArtifactOptions options, OnnxModel source, IReadOnlyList<string> notes)
    {
        Proto = proto;
        Types = types;
        Source = source;
        Notes = notes;
        Parameters = CandidateParameters.Find(proto.Graph, options.Gradients);
    }

    public OnnxModel Source { get; }

    public ModelProto Proto { get; }

    public IReadOnlyDictionary<string, TensorType> Types { get; }

    public IReadOnlyList<CandidateParameter> Parameters { get; }

    public IReadOnlyList<string> Notes { get; }

    public static PreparedModel From(OnnxModel model, ArtifactOptions options)
    {
        var normalized = ModelNormalizer.Normalize(
            model.Proto, new NormalizeOptions { Fix = options.Fix, FreeBatch = options.FreeBatch }, out var report);
        BatchNormalizationNodes.SetMode(normalized.Graph, training: options.BatchNormalization == BatchNormalizationMode.Training);
        DropoutNodes.Deactivate(normalized.Graph);
        return new PreparedModel(normalized, RuntimeTypes.Infer(normalized), options, model, [.. report.Notes]);
    }
}
