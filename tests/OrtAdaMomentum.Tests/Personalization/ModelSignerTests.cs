using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class ModelSignerTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(static number => (byte)number)];

    private readonly Registries _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Versions_that_this_machine_signed_are_served()
    {
        var promoted = Registries.Promote(Open(new HmacModelSigner(Key)), 1);
        Assert.Equal(promoted.Id, Open(new HmacModelSigner(Key)).Current.Id);
    }

    [Fact]
    public void A_version_that_somebody_else_put_there_is_not_served()
    {
        var signed = Open(new HmacModelSigner(Key)).Current;
        var forged = Registries.Promote(_files.Open(), 1);
        Assert.Null(forged.Signature);

        var registry = Open(new HmacModelSigner(Key));
        Assert.Equal(signed.Id, registry.Current.Id);
        Assert.Contains("is not signed by this service", Assert.Throws<FineTuningException>(() => registry.ReadModel(forged)).Message, StringComparison.Ordinal);
        Assert.Contains(registry.Examine(), problem => problem.Contains(forged.Label, StringComparison.Ordinal));
    }

    [Fact]
    public void Versions_of_another_key_are_not_served_but_the_base_model_is_signed_anew()
    {
        Registries.Promote(Open(new HmacModelSigner(Key)), 1);
        var registry = Open(new HmacModelSigner(Key.AsSpan(1)));
        Assert.Equal(0, registry.Current.Number);
    }

    [Fact]
    public void A_base_model_that_is_not_trusted_is_not_imported()
    {
        var error = Assert.Throws<FineTuningException>(() => Open(new Distrustful()));
        Assert.Contains(_files.ModelPath, error.Message, StringComparison.Ordinal);
        Assert.Contains("not trusted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_is_of_one_model_and_one_key()
    {
        byte[] hash = new byte[32], other = [.. hash[1..], 1];
        var signer = new HmacModelSigner(Key);
        string signature = signer.Sign(hash);
        Assert.True(signer.Verify(hash, signature));
        Assert.False(signer.Verify(other, signature));
        Assert.False(new HmacModelSigner(Key.AsSpan(1)).Verify(hash, signature));
        Assert.False(signer.Verify(hash, signature[..^2]));
        Assert.False(signer.Verify(hash, "zz" + signature[2..]));
        Assert.Contains("had 15", Assert.Throws<ArgumentException>(static () => new HmacModelSigner(Key.AsSpan(..15))).Message, StringComparison.Ordinal);
    }

    private ModelRegistry Open(IModelSigner signer)
    {
        var registry = new ModelRegistry(_files.Root, static () => 5, signer, _files.Time, new FakeLogger<ModelRegistry>());
        registry.Open(_files.ModelPath);
        return registry;
    }

    private sealed class Distrustful : IModelSigner
    {
        public string Sign(ReadOnlySpan<byte> hash) => "";

        public bool Verify(ReadOnlySpan<byte> hash, string signature) => true;

        public bool IsTrusted(string path, ReadOnlySpan<byte> hash) => false;
    }
}
