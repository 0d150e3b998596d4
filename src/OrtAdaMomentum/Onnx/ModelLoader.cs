using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Reads model files, which are untrusted input.</summary>
internal static class ModelLoader
{
    public static OnnxModel Load(string path, OnnxLoadOptions options) => Load(File.ReadAllBytes(path), options, path);

    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, OnnxLoadOptions options, string source) =>
        new(ModelProto.Parser.ParseFrom(bytes.Span), source);
}
