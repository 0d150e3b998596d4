using System.Text;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Loading;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Reads official checkpoints. The tables and their fields are those of <c>checkpoint.fbs</c> and <c>ort.fbs</c> in ONNX Runtime; the
/// numbers here are places in them.
/// </summary>
internal sealed class OfficialCheckpointReader
{
    public const string Identifier = "ODTC";

    public const int Version = 2;

    /// <summary>Most axes of a tensor, as for models.</summary>
    private const int MostAxes = 32;

    private readonly FlatFile _file;
    private readonly ExternalFile? _external;
    private readonly string _source;
    private bool _nominal;
    private bool _hasExternal;

    private OfficialCheckpointReader(ReadOnlyMemory<byte> bytes, string source, string? externalPath)
    {
        _file = new FlatFile(bytes, source);
        _source = source;
        _external = externalPath is null ? null : new ExternalFile(externalPath);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="externalPath">The external file, which need not be there; null when there can be none.</param>
    public static OfficialCheckpoint Read(ReadOnlyMemory<byte> bytes, string source, string? externalPath) =>
        new OfficialCheckpointReader(bytes, source, externalPath).Read(bytes);

    private OfficialCheckpoint Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < 8 || Encoding.Latin1.GetString(bytes.Span.Slice(4, 4)) != Identifier)
            throw new FineTuningException($"{_source}: this is no checkpoint of the official training API: it does not have '{Identifier}' at byte 4.");
        var root = new FlatTable(_file, 0, "the checkpoint");
        int version = root.Int32(0, 0);
        if (version != Version)
        {
            throw new FineTuningException(
                $"{_source}: the checkpoint has version {version}, and only version {Version} is known (ONNX Runtime 1.17 to 1.19). Write it anew with one of those.");
        }

        var module = root.Table(1, "the module's state") ?? throw _file.Refuse("there is no state of the module");
        _nominal = module.Boolean(2);
        _hasExternal = module.Boolean(3);
        var trainable = Parameters(module, 0, "trainable parameters");
        var frozen = Parameters(module, 1, "frozen parameters");
        RequireDifferent(trainable.Concat(frozen).Select(static tensor => tensor.Name), "parameter");
        _external?.RequireDisjoint(_file);
        return new OfficialCheckpoint
        {
            TrainableParameters = trainable,
            FrozenParameters = frozen,
            IsNominal = _nominal,
            HasExternalData = _hasExternal,
            OptimizerGroups = root.List(2, "optimizer groups", Group) ?? [],
            Properties = root.Table(3, "the property bag") is { } bag ? Properties(bag) : new OfficialProperties(),
        };
    }

    private List<OfficialTensor> Parameters(FlatTable module, int field, string what) =>
        module.List(field, what, (_, place, index) => Tensor(place, $"entry {index} of the {what}", isParameter: true))
        ?? throw _file.Refuse($"there is no list of {what}");

    private OfficialTensor Tensor(int place, string what, bool isParameter)
    {
        var table = new FlatTable(_file, place, what);
        string name = Name(table, 0, "name");
        what = $"'{name}' ({what})";
        long[] shape = table.Integers(2, "shape", MostAxes) ?? throw _file.Refuse($"{what} has no shape");
        int type = table.Int32(3, 0);
        if (type is <= 0 or > (int)ElementType.BFloat16)
            throw _file.Refuse($"{what} has the unknown element type {type}");
        string[]? strings = table.List(5, "texts", (file, text, _) => file.Text(text, $"a text of {what}"))?.ToArray();
        long offset = table.Int64(6, -1);
        var data = table.Bytes(4, "data");
        bool external = offset != -1;
        if (external && (!isParameter || !_hasExternal))
            throw _file.Refuse($"{what} refers to byte {offset} of an external file, but the checkpoint says that it has none");
        if (external && data is { Length: > 0 })
            throw _file.Refuse($"{what} has data in the file and in an external one at once");
        return new OfficialTensor(name, (ElementType)type, shape, Data(shape, (ElementType)type, data, strings, offset, what, isParameter))
        {
            Documentation = table.Text(1, "note"),
            Strings = strings,
            IsExternal = external,
        };
    }

    private ReadOnlyMemory<byte> Data(
        long[] shape, ElementType type, ReadOnlyMemory<byte>? inside, string[]? strings, long offset, string what, bool isParameter)
    {
        if (_nominal && isParameter)
        {
            return offset == -1 && inside is not { Length: > 0 } && strings is null or []
                ? ReadOnlyMemory<byte>.Empty
                : throw _file.Refuse($"{what} has data, but the checkpoint says that it is nominal");
        }

        long count = ElementCount(shape, what);
        if (type == ElementType.String)
        {
            return offset == -1 && inside is not { Length: > 0 } && (strings?.Length ?? 0) == count
                ? ReadOnlyMemory<byte>.Empty
                : throw _file.Refuse($"{what} has {strings?.Length ?? 0} texts for the shape [{string.Join(", ", shape)}]");
        }

        if (strings is { Length: > 0 })
            throw _file.Refuse($"{what} has texts, but its element type is {type}");
        if (StoredSize.Bytes((int)type, count) is not { } size)
            throw _file.Refuse($"{what} has the shape [{string.Join(", ", shape)}], whose size overflows");
        if (offset != -1)
            return Outside(offset, size, what);
        return inside is { } data && data.Length == size
            ? data
            : throw _file.Refuse($"{what} should have {size} bytes for {type}[{string.Join(", ", shape)}], but has {inside?.Length ?? 0}");
    }

    private byte[] Outside(long offset, long size, string what)
    {
        if (_external is null)
            throw _file.Refuse($"{what} lies in an external file, but the checkpoint was given as bytes. Load it from its path");
        if (offset < 0)
            throw _file.Refuse($"{what} lies at the impossible place {offset} of the external file");
        return _external.Read(offset, size, what, _file);
    }

    private long ElementCount(long[] shape, string what)
    {
        try
        {
            return TensorData.ElementCount(shape, what);
        }
        catch (OnnxModelException problem)
        {
            throw new FineTuningException($"{_source}: the checkpoint cannot be read: {problem.Message}", problem);
        }
    }

    private OfficialOptimizerGroup Group(FlatFile file, int place, int index)
    {
        var table = new FlatTable(file, place, $"optimizer group {index}");
        string name = Name(table, 0, "name");
        long step = table.Int64(1, 0);
        if (step < 0)
            throw file.Refuse($"optimizer group '{name}' has taken {step} steps");
        var states = table.List(3, "states", (_, state, entry) => State(state, $"state {entry} of optimizer group '{name}'")) ?? [];
        RequireDifferent(states.Select(static state => state.Parameter), $"state in optimizer group '{name}'");
        return new OfficialOptimizerGroup(name, step, table.Single(2), states);
    }

    private OfficialOptimizerState State(int place, string what)
    {
        var table = new FlatTable(_file, place, what);
        string parameter = Name(table, 0, "parameter");
        var moments = table.List(1, "moments", (_, moment, index) => Tensor(moment, $"moment {index} of '{parameter}'", isParameter: false)) ?? [];
        RequireDifferent(moments.Select(static moment => moment.Name), $"moment of '{parameter}'");
        return new OfficialOptimizerState(parameter, moments);
    }

    private OfficialProperties Properties(FlatTable bag)
    {
        var properties = new OfficialProperties
        {
            Integers = bag.List(0, "integers", (file, place, index) => Property(file, place, index, static table => table.Int64(1, 0))) ?? [],
            Numbers = bag.List(1, "numbers", (file, place, index) => Property(file, place, index, static table => table.Single(1))) ?? [],
            Texts = bag.List(2, "texts", (file, place, index) => Property(file, place, index, static table => table.Text(1, "value") ?? string.Empty)) ?? [],
        };
        RequireDifferent(properties.Names, "property");
        return properties;
    }

    private KeyValuePair<string, T> Property<T>(FlatFile file, int place, int index, Func<FlatTable, T> value)
    {
        var table = new FlatTable(file, place, $"property {index}");
        return KeyValuePair.Create(Name(table, 0, "name"), value(table));
    }

    private string Name(FlatTable table, int field, string what)
    {
        string name = table.Text(field, what) ?? throw _file.Refuse($"{table.What} has no {what}");
        return OfficialNames.Problem(name) is { } problem
            ? throw _file.Refuse($"the {what} of {table.What}, '{OfficialNames.Printable(name)}', {problem}")
            : name;
    }

    private void RequireDifferent(IEnumerable<string> names, string what)
    {
        var seen = new HashSet<string>();
        foreach (string name in names)
        {
            if (!seen.Add(name))
                throw _file.Refuse($"there is more than one {what} named '{OfficialNames.Printable(name)}'");
        }
    }
}
