using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>A model at the internal opset, with the types of its values and the tensors that could train.</summary>
internal sealed class PreparedModel
{
    private PreparedModel(
        ModelProto proto, IReadOnlyDictionary<string, TensorType> types, IReadOnlyList<CandidateParameter> parameters, OnnxModel source,
        IReadOnlyList<string> notes)
    {
        Proto = proto;
        Types = types;
        Source = source;
        Notes = notes;
        Parameters = parameters;
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
        bool batchStatistics = options.BatchNormalization == BatchNormalizationMode.Training && BatchNormalizationNodes.In(normalized.Graph).Any();
        BatchNormalizationNodes.SetMode(normalized.Graph, batchStatistics);
        DropoutNodes.Deactivate(normalized.Graph);
        // Only batch statistics bring values that the normaliser has not seen; asking the runtime again takes most of the time of a large model.
        var types = batchStatistics ? SymbolicExtents.Name(normalized, RuntimeTypes.Infer(normalized)) : report.Types;
        var parameters = CandidateParameters.Find(normalized.Graph, options.Gradients, report.Steering);
        return new PreparedModel(normalized, types, parameters, model, [.. report.Notes, .. IntegerWeights.Notes(normalized.Graph, options.Gradients)]);
    }
}
