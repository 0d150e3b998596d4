using System.Security.Cryptography;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Turns samples into rows and back: as they are, or encrypted. While the key is changed, some rows are still as they were before.
/// </summary>
internal sealed class SampleVault : IDisposable
{
    /// <summary>The first byte of encrypted content; the versions of what is not encrypted are lower.</summary>
    private const byte Sealed = 0x80;

    private readonly SampleKey? _key, _former;
    private readonly long? _number, _formerNumber;
    private readonly bool _isChanging;

    /// <summary>Everything as it is, or encrypted with one key of a number.</summary>
    public SampleVault(SampleKey? key, long? number)
    {
        _key = key;
        _number = number;
    }

    /// <summary>Rows may also be as they were before, encrypted with another key or not at all.</summary>
    public SampleVault(SampleKey key, long number, SampleKey? former, long? formerNumber)
        : this(key, number)
    {
        _former = former;
        _formerNumber = formerNumber;
        _isChanging = true;
    }

    public SampleKey? Key => _key;

    /// <summary>Number of the key that rows are encrypted with from now on; null for none.</summary>
    public long? Number => _number;

    /// <summary>Whether rows may be as they were before.</summary>
    public bool IsChanging => _isChanging;

    public void Dispose()
    {
        _key?.Dispose();
        _former?.Dispose();
    }

    /// <summary>The same when no row is as it was before any more.</summary>
    public SampleVault WithoutFormer()
    {
        _former?.Dispose();
        return new SampleVault(_key, _number);
    }

    /// <summary>What a key or a subject is found by; the second is that of before, or the same.</summary>
    public (string Now, string Before) NamesOf(string kind, string name)
    {
        string now = Hash(_key, kind, name);
        return (now, _isChanging ? Hash(_former, kind, name) : now);
    }

    /// <summary>A sample's class as a row has it.</summary>
    public long? ClassOf(SampleTensor? target) => SampleClass.Of(target) is not { } label ? null : _key?.Hash("class", label) ?? label;

    /// <summary>The row of a sample.</summary>
    /// <param name="names">Key, subject and source as they are.</param>
    /// <param name="role">Its role, which the content is bound to.</param>
    /// <param name="content">Its encoded tensors.</param>
    public SampleRow Seal(SampleNames names, SampleRole role, byte[] content)
    {
        if (_key is null)
            return new SampleRow(names, role, content, null);
        var hashed = new SampleNames(
            Hash(_key, "key", names.Key), names.Subject is null ? null : Hash(_key, "subject", names.Subject), names.Source is null ? null : Hash(_key, "source", names.Source));
        return new SampleRow(hashed, role, [Sealed, .. _key.Encrypt(names.Before(content), Bound(hashed, role))], _number);
    }

    /// <summary>What a row was made from.</summary>
    /// <exception cref="SampleStoreException">It cannot be opened: it is damaged, was changed, or belongs to another row.</exception>
    public (SampleNames Names, byte[] Content) Open(SampleRow row)
    {
        if (row.SealedBy is null)
            return (row.Names, row.Content);
        var key = row.SealedBy == _number ? _key : row.SealedBy == _formerNumber ? _former : null;
        try
        {
            if (key is null || row.Content.Length == 0 || row.Content[0] != Sealed)
                throw new CryptographicException("it is not encrypted with a key of this store");
            return SampleNames.Split(key.Decrypt(row.Content.AsSpan(1), Bound(row.Names, row.Role)));
        }
        catch (Exception damage) when (damage is CryptographicException or EndOfStreamException or FormatException)
        {
            throw new SampleStoreException(
                SampleStoreProblem.Damaged, $"The encrypted sample that is found by '{row.Names.Key}' is damaged, or was changed by someone else: {damage.Message}", damage);
        }
    }

    /// <summary>The sample of a row.</summary>
    /// <exception cref="SampleStoreException">It cannot be opened or read.</exception>
    public Sample Read(SampleRow row)
    {
        var (names, content) = Open(row);
        return SampleCodec.Read(content, names);
    }

    private static string Hash(SampleKey? key, string kind, string name) => key?.Hash(kind, name) ?? name;

    /// <summary>What the content cannot be taken away from: rows cannot be exchanged, or moved from held out to training.</summary>
    private static byte[] Bound(SampleNames names, SampleRole role) => Encoding.UTF8.GetBytes($"{names.Key}\n{names.Subject}\n{names.Source}\n{(int)role}");
}
