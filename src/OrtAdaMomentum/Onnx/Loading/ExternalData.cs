using System.Globalization;
using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>
/// Brings weights that lie in other files into the model, or refuses. The runtime never opens those files: it would follow the
/// file's word about where they are.
/// </summary>
internal static class ExternalData
{
    /// <summary>A location by which ONNX Runtime refers to addresses in its own memory; from a file it would read arbitrary memory.</summary>
    private const string MemoryAddressMarker = "_ORT_MEM_ADDR_";

    public static void Inline(TensorPlace place, string? folder, OnnxLoadOptions options, ByteBudget budget)
    {
        TensorProto tensor = place.Tensor;
        if (tensor.ExternalData.Any(static entry => entry.Value.Contains(MemoryAddressMarker, StringComparison.OrdinalIgnoreCase)))
            throw Refuse(place, "refers to an address in memory, which no file may");
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
        {
            // Left over from a conversion and without meaning; gone so that nothing ever gives it one.
            tensor.ExternalData.Clear();
            return;
        }

        if (!options.AllowExternalData)
        {
            throw Refuse(place, $"lies in another file, which is not allowed; set {nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.AllowExternalData)} " +
                "if the model comes from a source you trust, or save it as a single file");
        }

        if (folder is null)
            throw Refuse(place, "lies in another file, but the model was given as bytes without a folder");
        if (tensor.RawData.Length > 0)
            throw Refuse(place, "lies in another file and in this one at once");

        Reference reference = Read(place);
        long count = TensorData.ElementCount(tensor.Dims, tensor.Name);
        if (StoredSize.Bytes(tensor.DataType, count) is not { } size)
            throw Refuse(place, "has an element type that cannot lie in another file");
        if (reference.Length is { } length && length != size)
            throw Refuse(place, $"should take {size} bytes, but {length} are announced");
        if (!budget.TryTake(size))
            throw Refuse(place, $"makes the model larger than {options.MaxModelBytes} bytes ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxModelBytes)})");

        try
        {
            tensor.RawData = ContainedFile.Read(folder, reference.Location, reference.Offset, size) is { } data
                ? UnsafeByteOperations.UnsafeWrap(data)
                : throw Refuse(place, $"should be bytes {reference.Offset} to {reference.Offset + size} of '{reference.Location}', which is shorter");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"The data of {place.Name} in '{reference.Location}' cannot be read: {error.Message}", error);
        }

        tensor.ClearDataLocation();
        tensor.ExternalData.Clear();
    }

    private static Reference Read(TensorPlace place)
    {
        string? location = null;
        long offset = 0;
        long? length = null;
        foreach (StringStringEntryProto entry in place.Tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(place, entry);
                    break;
                case "length":
                    length = Number(place, entry);
                    break;
                case "checksum":
                    break;
                default:
                    throw Refuse(place, $"refers to another file with the unknown key '{entry.Key}'");
            }
        }

        if (string.IsNullOrEmpty(location))
            throw Refuse(place, "lies in another file that is not named");
        return new Reference(location, offset, length);
    }

    private static long Number(TensorPlace place, StringStringEntryProto entry) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Refuse(place, $"has the {entry.Key} '{entry.Value}', which is no number of bytes");

    private static OnnxModelException Refuse(TensorPlace place, string what) => new($"The data of {place.Name} {what}.");

    private sealed record Reference(string Location, long Offset, long? Length);
}
