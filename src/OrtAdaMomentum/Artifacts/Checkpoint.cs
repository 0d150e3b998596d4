using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtAdaMomentum.Storage;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Artifacts;

/// <summary>A tensor of a checkpoint.</summary>
/// <param name="Section">What it is: <c>parameter</c>, <c>state</c>, or the name of an optimizer's moment.</param>
/// <param name="Name">Name of the parameter or state.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its elements in row-major order.</param>
internal sealed record CheckpointTensor(string Section, string Name, IReadOnlyList<long> Shape, ReadOnlyMemory<float> Values);

/// <summary>How far training had come.</summary>
/// <param name="Epoch">Epochs finished.</param>
/// <param name="Step">Optimizer steps done in all, skipped ones included.</param>
/// <param name="Position">Samples done in the epoch that is running.</param>
/// <param name="Seed">Seed of the order of samples.</param>
public sealed record TrainingCursor(int Epoch, int Step, int Position, ulong Seed)
{
    /// <summary>What the steps depend on beside the seed; null where no plan was carried out.</summary>
    [JsonInclude]
    internal RunSettings? Settings { get; init; }

    /// <summary>The best epoch so far; null where early stopping does not look for one.</summary>
    [JsonInclude]
    internal BestEpoch? Best { get; init; }
}

/// <summary>What of a plan and its data decides on the steps, so that a run can be continued with the same only.</summary>
internal sealed record RunSettings(int Epochs, int BatchSize, int AccumulationSteps, string Schedule, int WarmupSteps, int Samples)
{
    public EarlyStopping? EarlyStopping { get; init; }

    public double? MaximumUpdateNorm { get; init; }
}

/// <summary>
/// Parameters, moments and the place in training, in one file: eight bytes of signature, the length of a JSON header, the header, the
/// tensors at 64-byte boundaries as little-endian singles, and the SHA-256 of all that.
/// </summary>
internal sealed record Checkpoint
{
    public const string ParameterSection = "parameter";

    public const string StateSection = "state";

    private const int Alignment = 64;

    private const int PreambleLength = 12;

    /// <summary>A header is names and shapes; one larger than this is no checkpoint.</summary>
    private const int LargestHeader = 64 << 20;

    private static readonly byte[] Signature = "OAMCKPT1"u8.ToArray();

    /// <summary>SHA-256 of the training model that it belongs to.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>The optimizer whose moments it holds; null when training has not begun.</summary>
    public string? Optimizer { get; init; }

    public double LearningRate { get; init; }

    public long StepCount { get; init; }

    public long SkippedSteps { get; init; }

    public TrainingCursor? Cursor { get; init; }

    /// <summary>What the application keeps beside.</summary>
    public IReadOnlyList<CheckpointProperty> Properties { get; init; } = [];

    public IReadOnlyList<CheckpointTensor> Tensors { get; init; } = [];

    public static Checkpoint Load(string path)
    {
        try
        {
            return FromBytes(File.ReadAllBytes(path), path);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FineTuningException($"{path}: there is no such checkpoint.", problem);
        }
    }

    public static Checkpoint FromBytes(byte[] bytes, string source)
    {
        if (bytes.Length < PreambleLength + SHA256.HashSizeInBytes || !bytes.AsSpan(0, Signature.Length).SequenceEqual(Signature))
            throw new FineTuningException($"{source}: this is no checkpoint (it does not begin with '{Encoding.ASCII.GetString(Signature)}').");
        var content = bytes.AsMemory(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!SHA256.HashData(content.Span).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
            throw new FineTuningException($"{source}: the checkpoint is damaged or cut off: its content does not match its hash.");

        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Signature.Length));
        if (headerLength is < 2 or > LargestHeader || headerLength > content.Length - PreambleLength)
            throw new FineTuningException($"{source}: the checkpoint's header has an impossible length of {headerLength} bytes.");
        CheckpointHeader header;
        try
        {
            header = JsonSerializer.Deserialize(content.Span.Slice(PreambleLength, headerLength), CheckpointJson.Default.CheckpointHeader)
                ?? throw new FineTuningException($"{source}: the checkpoint's header is empty.");
        }
        catch (JsonException problem)
        {
            throw new FineTuningException($"{source}: the checkpoint's header is not valid: {problem.Message}", problem);
        }

        var properties = header.Properties ?? [];
        if (properties.FirstOrDefault(static property => property is not { IsValid: true }) is { } odd)
            throw new FineTuningException($"{source}: the property '{odd.Name}' of the checkpoint is not one integer, number or text with a name.");
        var tensors = new List<CheckpointTensor>(header.Tensors.Count);
        foreach (var entry in header.Tensors)
            tensors.Add(ReadTensor(entry, content, source));
        return new Checkpoint
        {
            Model = header.Model,
            Optimizer = header.Optimizer,
            LearningRate = header.LearningRate,
            StepCount = header.StepCount,
            SkippedSteps = header.SkippedSteps,
            Cursor = header.Cursor,
            Properties = properties,
            Tensors = tensors,
        };
    }

    public void Save(string path) => AtomicFile.Write(path, WriteTo);

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        WriteTo(stream);
        return stream.ToArray();
    }

    public void WriteTo(Stream target) => target.Write(ContentHash.Through(target, WriteContent));

    private void WriteContent(Stream stream)
    {
        // Offsets count from the start of the data, so that the header's own length does not matter to them.
        long offset = 0;
        var entries = new List<CheckpointEntry>(Tensors.Count);
        foreach (var tensor in Tensors)
        {
            entries.Add(new CheckpointEntry(tensor.Section, tensor.Name, tensor.Shape, offset));
            offset = Align(offset + (long)tensor.Values.Length * sizeof(float));
        }

        byte[] header = JsonSerializer.SerializeToUtf8Bytes(
            new CheckpointHeader(Model, Optimizer, LearningRate, StepCount, SkippedSteps, Cursor, entries) { Properties = Properties.Count > 0 ? Properties : null },
            CheckpointJson.Default.CheckpointHeader);
        byte[] preamble = new byte[Align(PreambleLength + header.Length)];
        Signature.CopyTo(preamble, 0);
        BinaryPrimitives.WriteInt32LittleEndian(preamble.AsSpan(Signature.Length), header.Length);
        header.CopyTo(preamble, PreambleLength);
        stream.Write(preamble);
        foreach (var tensor in Tensors)
        {
            Write(tensor.Values.Span, stream);
            long end = (long)tensor.Values.Length * sizeof(float);
            stream.Write(new byte[Align(end) - end]);
        }
    }

    private static CheckpointTensor ReadTensor(CheckpointEntry entry, Memory<byte> content, string source)
    {
        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(content.Span[Signature.Length..]);
        long dataStart = Align(PreambleLength + headerLength);
        long count = 1;
        foreach (long extent in entry.Shape)
        {
            if (extent < 0 || (extent > 0 && count > content.Length / extent))
                throw new FineTuningException($"{source}: tensor '{entry.Name}' has the impossible shape [{string.Join(", ", entry.Shape)}].");
            count *= extent;
        }

        if (entry.Offset < 0 || entry.Offset % sizeof(float) != 0 || entry.Offset > content.Length - dataStart - count * sizeof(float))
            throw new FineTuningException($"{source}: tensor '{entry.Name}' lies outside the file (offset {entry.Offset}, {count} elements).");
        var data = content.Slice((int)(dataStart + entry.Offset), (int)(count * sizeof(float)));
        return new CheckpointTensor(entry.Section, entry.Name, entry.Shape, SinglesOf(data));
    }

    /// <summary>The numbers where they lie in the file's bytes: a copy would be as large as the model.</summary>
    private static Memory<float> SinglesOf(Memory<byte> data)
    {
        if (BitConverter.IsLittleEndian)
            return new SinglesInBytes(data).Memory;
        var values = new float[data.Length / sizeof(float)];
        for (int index = 0; index < values.Length; index++)
            values[index] = BinaryPrimitives.ReadSingleLittleEndian(data.Span[(index * sizeof(float))..]);
        return values;
    }

    private static void Write(ReadOnlySpan<float> values, Stream stream)
    {
        if (BitConverter.IsLittleEndian)
        {
            // A span counts in integers, and a tensor may be larger.
            const int part = 1 << 20;
            for (int start = 0; start < values.Length; start += part)
                stream.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(part, values.Length - start))));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
