using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>Whether a stored tensor holds as much data as its shape says, no less and no more.</summary>
internal static class TensorCheck
{
    public static void Check(TensorPlace place, OnnxLoadOptions options)
    {
        TensorProto tensor = place.Tensor;
        if (tensor.Dims.Count > options.MaxRank)
            throw Refuse(place, $"has {tensor.Dims.Count} axes, more than {options.MaxRank} ({nameof(OnnxLoadOptions)}.{nameof(OnnxLoadOptions.MaxRank)})");
        if (tensor.Segment is not null)
            throw Refuse(place, "is stored in segments, which nothing writes and no runtime reads");

        long count = TensorData.ElementCount(tensor.Dims, tensor.Name);
        if (StoredSize.Fields(tensor, count) is not { } fields)
            throw Refuse(place, $"has the unknown element type {tensor.DataType}");

        int otherFields = tensor.FloatData.Count + tensor.DoubleData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count
            + tensor.Uint64Data.Count + tensor.StringData.Count;
        if (tensor.RawData.Length > 0 ? otherFields > 0 : otherFields != fields.Actual)
            throw Refuse(place, "stores data in more than one field or in a field of another type");

        string shape = $"[{string.Join(", ", tensor.Dims)}] of {(ElementType)tensor.DataType}";
        if (tensor.RawData.Length > 0)
        {
            if (StoredSize.Bytes(tensor.DataType, count) is not { } bytes || bytes != tensor.RawData.Length)
                throw Refuse(place, $"of shape {shape} holds {tensor.RawData.Length} bytes, which does not match");
        }
        else if (fields.Actual != fields.Expected)
        {
            throw Refuse(place, $"of shape {shape} holds {fields.Actual} entries instead of {fields.Expected}");
        }
    }

    public static void Check(SparseTensorProto sparse, string where, OnnxLoadOptions options)
    {
        if (sparse.Values is null || sparse.Indices is null)
            throw new OnnxModelException($"A {where} lacks its values or indices.");
        if (sparse.Dims.Count > options.MaxRank)
            throw new OnnxModelException($"A {where} has {sparse.Dims.Count} axes, more than {options.MaxRank}.");

        // A few stored values may stand for a tensor of any size, which the runtime would allocate.
        long dense = TensorData.ElementCount(sparse.Dims, sparse.Values.Name);
        if (StoredSize.Bytes(sparse.Values.DataType, dense) is not { } bytes || bytes > options.MaxModelBytes)
            throw new OnnxModelException($"A {where} of shape [{string.Join(", ", sparse.Dims)}] is larger than the limit for a model.");

        long stored = TensorData.ElementCount(sparse.Values);
        bool linear = sparse.Indices.Dims is [var entries] && entries == stored;
        bool coordinates = sparse.Indices.Dims is [var rows, var columns] && rows == stored && columns == sparse.Dims.Count;
        if (sparse.Values.Dims.Count != 1 || (ElementType)sparse.Indices.DataType != ElementType.Int64 || !(linear || coordinates))
            throw new OnnxModelException($"A {where} has values and indices that do not belong together.");

        long[] indices = TensorData.ToLongs(sparse.Indices);
        for (int position = 0; position < indices.Length; position++)
        {
            long extent = linear ? dense : sparse.Dims[position % sparse.Dims.Count];
            if (indices[position] < 0 || indices[position] >= extent)
                throw new OnnxModelException($"A {where} has the index {indices[position]} outside its shape [{string.Join(", ", sparse.Dims)}].");
        }
    }

    private static OnnxModelException Refuse(TensorPlace place, string what) => new($"The {place.Name} {what}.".Replace("The the ", "The ", StringComparison.Ordinal));
}
