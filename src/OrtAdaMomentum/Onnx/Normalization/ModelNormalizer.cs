using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Brings a model to the internal form.</summary>
internal static class ModelNormalizer
{
    public static ModelProto Normalize(ModelProto model, NormalizeOptions options, out NormalizationReport report)
    {
        report = new NormalizationReport();
        return model.Clone();
    }
}
