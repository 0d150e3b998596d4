using System.Runtime.InteropServices;
using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>
/// Reads model files, which are untrusted input. Everything is checked here, before ONNX Runtime sees a byte, and what comes out is
/// self-contained: no reference to another file is left in it.
/// </summary>
internal static class ModelLoader
{
    public static OnnxModel Load(string path, OnnxLoadOptions options)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > options.MaxModelBytes)
                throw TooLarge(path, stream.Length, options);
            return Load(stream, options, path, Path.GetDirectoryName(Path.GetFullPath(path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string advice = Directory.Exists(path) ? "It is a folder; give the path of the .onnx file in it." : error.Message;
            throw new OnnxModelException($"The model '{path}' cannot be read. {advice}", error);
        }
    }

    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, OnnxLoadOptions options, string source)
    {
        if (bytes.Length > options.MaxModelBytes)
            throw TooLarge(source, bytes.Length, options);
        if (!MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> array))
            array = bytes.ToArray();
        using var stream = new MemoryStream(array.Array ?? [], array.Offset, array.Count, writable: false);
        return Load(stream, options, source, folder: null);
    }

    private static OnnxModel Load(Stream stream, OnnxLoadOptions options, string source, string? folder)
    {
        try
        {
            ModelProto model = Parse(stream, options);
            HeaderCheck.Check(model);
            TensorWalk walk = TensorWalk.Over(model, options);
            foreach (TensorPlace place in walk.Tensors)
                ExternalData.Inline(place, folder, options, walk.Budget);
            foreach (TensorPlace place in walk.Tensors)
                TensorCheck.Check(place, options);
            foreach ((SparseTensorProto sparse, string where) in walk.SparseTensors)
                TensorCheck.Check(sparse, where, options);
            GraphCheck.CheckAndSort(model);
            return new OnnxModel(model, source);
        }
        catch (OnnxModelException error)
        {
            throw new OnnxModelException($"'{source}': {error.Message}", error);
        }
    }

    private static ModelProto Parse(Stream stream, OnnxLoadOptions options)
    {
        string? foreignKind = FileSignature.Recognise(stream);
        if (foreignKind is not null)
            throw new OnnxModelException($"This is no ONNX model but {foreignKind}.");

        var model = new ModelProto();
        try
        {
            // The limits hold for streams only, which is why even bytes in memory are read through one.
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, options.MaxModelBytes, options.MaxDepth);
            model.MergeFrom(input);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxModelException(
                $"The file is damaged, cut short, or no ONNX model: {error.Message} Download or export it again.", error);
        }

        return model;
    }

    private static OnnxModelException TooLarge(string source, long size, OnnxLoadOptions options) =>
        new($"'{source}': the model is {size} bytes, more than the limit of {options.MaxModelBytes} ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxModelBytes)}).");
}
