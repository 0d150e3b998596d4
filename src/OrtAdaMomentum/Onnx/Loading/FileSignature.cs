using System.Text;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>Recognises files that people take for models by mistake, so that the message can say what they are.</summary>
internal static class FileSignature
{
    private static readonly (byte[] Start, string Kind)[] Known =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG picture"),
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([(byte)'P', (byte)'K', 3, 4], "a ZIP archive, perhaps a PyTorch or Keras file; export it to ONNX first"),
        ([0x1F, 0x8B], "gzip-compressed data; unpack it first"),
        ([(byte)'%', (byte)'P', (byte)'D', (byte)'F'], "a PDF document"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file, perhaps a Keras model; export it to ONNX first"),
        ([0x80, 2, (byte)'c'], "a Python pickle; export the model to ONNX first"),
        ([0x80, 4, 0x95], "a Python pickle; export the model to ONNX first"),
        ("version https://git-lfs"u8.ToArray(), "a Git LFS pointer; fetch the real file with 'git lfs pull'"),
        ("GGUF"u8.ToArray(), "a GGUF file"),
    ];

    /// <summary>What a file certainly is when it is no ONNX model; null when it may be one. The stream is left at its start.</summary>
    public static string? Recognise(Stream stream)
    {
        var buffer = new byte[256];
        int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        ReadOnlySpan<byte> start = buffer.AsSpan(0, length);

        if (start.IsEmpty)
            return "an empty file";
        foreach ((byte[] signature, string kind) in Known)
        {
            if (start.StartsWith(signature))
                return kind;
        }

        if (start.Length > 8 && start[4..8].SequenceEqual("ORTM"u8))
            return "ONNX Runtime's own ORT format; use the .onnx file it was made from";
        if (start.Length > 8 && start[4..8].SequenceEqual("TFL3"u8))
            return "a TensorFlow Lite model; export the original to ONNX";
        return IsText(start) ? DescribeText(start) : null;
    }

    private static bool IsText(ReadOnlySpan<byte> start)
    {
        // A model starts with small numbers (field tags, the format version), which text never contains.
        foreach (byte value in start)
        {
            if (value < 0x20 && value is not ((byte)'\n' or (byte)'\r' or (byte)'\t'))
                return false;
        }

        return true;
    }

    private static string DescribeText(ReadOnlySpan<byte> start)
    {
        string text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\r', '\n', '\t');
        if (text.StartsWith('<'))
            return "a web page or XML; a download may have gone wrong";
        return text.StartsWith('{') || text.StartsWith('[') ? "JSON text" : "text";
    }
}
