namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Where the parameters of a checkpoint lie in its external file: one after the other, at the boundaries that the official tool keeps.</summary>
internal sealed class ExternalTensors
{
    private readonly List<OfficialTensor> _tensors = [];
    private readonly Dictionary<OfficialTensor, long> _offsets = new(ReferenceEqualityComparer.Instance);

    private ExternalTensors()
    {
    }

    /// <summary>The first byte of each external parameter.</summary>
    public IReadOnlyDictionary<OfficialTensor, long> Offsets => _offsets;

    public static ExternalTensors Plan(OfficialCheckpoint checkpoint)
    {
        var plan = new ExternalTensors();
        long offset = 0;
        foreach (var tensor in checkpoint.TrainableParameters.Concat(checkpoint.FrozenParameters).Where(static tensor => tensor.IsExternal))
        {
            offset = Aligned(offset, tensor);
            plan._tensors.Add(tensor);
            plan._offsets[tensor] = offset;
            offset += tensor.Data.Length;
        }

        return plan;
    }

    public void WriteTo(Stream stream)
    {
        long written = 0;
        foreach (var tensor in _tensors)
        {
            stream.Write(new byte[_offsets[tensor] - written]);
            stream.Write(tensor.Data.Span);
            written = _offsets[tensor] + tensor.Data.Length;
        }
    }

    private static long Aligned(long offset, OfficialTensor tensor)
    {
        long boundary = tensor.ElementType is Onnx.ElementType.Int64 or Onnx.ElementType.Double ? 8 : 4;
        return (offset + boundary - 1) / boundary * boundary;
    }
}
