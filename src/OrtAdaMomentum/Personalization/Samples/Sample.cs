using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>One example to learn from: what the model is shown, and what it should have said. Tensors have no batch axis.</summary>
public sealed class Sample
{
    /// <summary>A sample.</summary>
    /// <param name="inputs">A tensor for every input of the model, by name.</param>
    /// <param name="target">
    /// The target, as the loss wants it; for classes their index (int64). Null where it is not known yet: the sample is kept, and used when
    /// <see cref="ISampleIngest.CorrectAsync"/> gives it one.
    /// </param>
    /// <param name="key">
    /// What tells this sample from others: one with a key that is stored already is not stored again. Null derives it from the content.
    /// </param>
    public Sample(IReadOnlyDictionary<string, SampleTensor> inputs, SampleTensor? target, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (key is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
        // A copy: what was checked must not change afterwards.
        Inputs = new Dictionary<string, SampleTensor>(inputs, StringComparer.Ordinal);
        Target = target;
        Key = key ?? ContentKey(inputs, target);
    }

    /// <summary>A sample of a model with one input.</summary>
    public Sample(string input, SampleTensor value, SampleTensor? target, string? key = null)
        : this(new Dictionary<string, SampleTensor>(StringComparer.Ordinal) { [input] = value }, target, key)
    {
    }

    /// <summary>What tells this sample from others.</summary>
    public string Key { get; }

    /// <summary>
    /// The person, patient or machine that the sample is of; null where that does not matter. All samples of a subject are held out together or
    /// trained on together, so that a candidate is measured on subjects that it has not seen, and they can be forgotten together.
    /// </summary>
    public string? Subject
    {
        get;
        init
        {
            if (value is not null)
                ArgumentException.ThrowIfNullOrWhiteSpace(value);
            field = value;
        }
    }

    /// <summary>What brought the sample, such as the name of a camera; null where that does not matter. Samples are counted by it.</summary>
    public string? Source
    {
        get;
        init
        {
            if (value is not null)
                ArgumentException.ThrowIfNullOrWhiteSpace(value);
            field = value;
        }
    }

    /// <summary>The inputs by name.</summary>
    public IReadOnlyDictionary<string, SampleTensor> Inputs { get; }

    /// <summary>The target; null where it is not known yet.</summary>
    public SampleTensor? Target { get; }

    /// <summary>Whether the target is known.</summary>
    [MemberNotNullWhen(true, nameof(Target))]
    public bool IsLabelled => Target is not null;

    /// <summary>Bytes of all elements, the target's included.</summary>
    internal long ByteLength => Inputs.Values.Sum(static tensor => (long)tensor.Bytes.Length) + (Target?.Bytes.Length ?? 0);

    /// <summary>The same sample with another target.</summary>
    internal Sample WithTarget(SampleTensor target) => new(Inputs, target, Key) { Subject = Subject, Source = Source };

    private static string ContentKey(IReadOnlyDictionary<string, SampleTensor> inputs, SampleTensor? target)
    {
        var hash = new XxHash128();
        foreach (var (name, tensor) in inputs.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            Append(hash, name, tensor);
        if (target is not null)
            Append(hash, "", target);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, string name, SampleTensor tensor)
    {
        // Lengths go in as well, so that no two different samples give the same bytes.
        byte[] text = Encoding.UTF8.GetBytes(name);
        AppendNumber(hash, text.Length);
        hash.Append(text);
        AppendNumber(hash, (long)tensor.ElementType);
        AppendNumber(hash, tensor.Shape.Count);
        foreach (long extent in tensor.ShapeSpan)
            AppendNumber(hash, extent);
        hash.Append(tensor.Bytes.Span);
    }

    private static void AppendNumber(XxHash128 hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.Append(bytes);
    }
}
