using System.Text;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Writes official checkpoints: the counterpart of <see cref="OfficialCheckpointReader"/>.</summary>
internal sealed class OfficialCheckpointWriter
{
    /// <summary>An offset in a flatbuffer has 31 bits.</summary>
    private const long LargestFile = int.MaxValue;

    private readonly FlatWriter _writer;
    private readonly IReadOnlyDictionary<OfficialTensor, long> _externalOffsets;

    private OfficialCheckpointWriter(FlatWriter writer, IReadOnlyDictionary<OfficialTensor, long> externalOffsets)
    {
        _writer = writer;
        _externalOffsets = externalOffsets;
    }

    public static byte[] Write(OfficialCheckpoint checkpoint, IReadOnlyDictionary<OfficialTensor, long> externalOffsets, string target)
    {
        OfficialCheckpointCheck.Require(checkpoint, target);
        long expected = AllTensors(checkpoint).Where(tensor => !externalOffsets.ContainsKey(tensor))
            .Sum(static tensor => tensor.Data.Length + 256L + 4 * tensor.Name.Length + (tensor.Strings?.Sum(static text => 3L * text.Length + 16) ?? 0));
        if (expected > LargestFile - 65536)
        {
            throw new FineTuningException(
                $"{target}: the checkpoint would have {expected} bytes, and the format allows {LargestFile}. Set {nameof(OfficialTensor.IsExternal)} for its large parameters.");
        }

        var writer = new OfficialCheckpointWriter(new FlatWriter((int)expected), externalOffsets);
        return writer.Write(checkpoint);
    }

    private byte[] Write(OfficialCheckpoint checkpoint)
    {
        int start = _writer.Reserve(8);
        _writer.PutBytes(start + 4, Encoding.ASCII.GetBytes(OfficialCheckpointReader.Identifier));
        var properties = checkpoint.Properties;
        int root = _writer.Table(
            _writer.Int32(OfficialCheckpointReader.Version),
            _writer.Reference(() => _writer.Table(
                _writer.List(checkpoint.TrainableParameters, Tensor),
                _writer.List(checkpoint.FrozenParameters, Tensor),
                checkpoint.IsNominal ? _writer.True() : FlatField.Absent,
                checkpoint.HasExternalData || _externalOffsets.Count > 0 ? _writer.True() : FlatField.Absent)),
            _writer.List(checkpoint.OptimizerGroups, Group),
            properties.Count == 0
                ? FlatField.Absent
                : _writer.Reference(() => _writer.Table(
                    _writer.List(properties.Integers, pair => _writer.Table(_writer.Text(pair.Key), _writer.Int64(pair.Value))),
                    _writer.List(properties.Numbers, pair => _writer.Table(_writer.Text(pair.Key), _writer.Single(pair.Value))),
                    _writer.List(properties.Texts, pair => _writer.Table(_writer.Text(pair.Key), _writer.Text(pair.Value))))));
        _writer.Refer(start, root);
        return _writer.ToArray();
    }

    private int Tensor(OfficialTensor tensor)
    {
        bool external = _externalOffsets.TryGetValue(tensor, out long offset);
        return _writer.Table(
            _writer.Text(tensor.Name),
            tensor.Documentation is { } note ? _writer.Text(note) : FlatField.Absent,
            _writer.Integers(tensor.Shape),
            _writer.Int32((int)tensor.ElementType),
            external ? FlatField.Absent : _writer.Bytes(tensor.Data),
            tensor.Strings is { } texts ? _writer.List(texts, _writer.WriteText) : FlatField.Absent,
            external ? _writer.Int64(offset) : FlatField.Absent);
    }

    private int Group(OfficialOptimizerGroup group) => _writer.Table(
        _writer.Text(group.Name),
        _writer.Int64(group.Step),
        _writer.Single(group.InitialLearningRate),
        _writer.List(group.States, state => _writer.Table(_writer.Text(state.Parameter), _writer.List(state.Moments, Tensor))));

    private static IEnumerable<OfficialTensor> AllTensors(OfficialCheckpoint checkpoint) =>
        checkpoint.TrainableParameters.Concat(checkpoint.FrozenParameters)
            .Concat(checkpoint.OptimizerGroups.SelectMany(static group => group.States).SelectMany(static state => state.Moments));
}
