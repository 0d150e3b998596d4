using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The file that the host names as the model to start from.</summary>
internal sealed class BaseModelFile(string path, IModelSigner? signer)
{
    private FileStamp? _seen;
    private string? _hash;
    private string? _problem;

    public string Path => path;

    /// <exception cref="FineTuningException">The file cannot be read, or is not trusted.</exception>
    public string Hash()
    {
        try
        {
            string hash = ContentHash.Of(File.ReadAllBytes(path));
            return signer is null || signer.IsTrusted(path, Convert.FromHexString(hash))
                ? hash
                : throw new FineTuningException($"The base model '{path}' is not trusted by the host's {nameof(IModelSigner)}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException($"The base model '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The model, through the safe loader: the runtime sees only what passed it, and weights in other files are brought in.</summary>
    /// <exception cref="FineTuningException">The file is no usable model.</exception>
    public byte[] Load() => OnnxModel.Load(path).ToBytes();

    /// <summary>What is wrong with the file, for a service that uses the base model with the hash <paramref name="used"/>; null when nothing is.</summary>
    public string? Examine(string? used, string current)
    {
        var now = FileStamp.Of(path);
        if (now != _seen)
        {
            (_hash, _problem) = Look();
            _seen = now;
        }

        if (_problem is not null)
            return $"{_problem} Version {current} goes on being served. Restore the file.";
        return used is null || _hash == used
            ? null
            : $"The base model '{path}' is another than the one in use. Version {current} goes on being served; a restart starts anew from the file.";
    }

    private (string? Hash, string? Problem) Look()
    {
        try
        {
            string hash = Hash();
            _ = Load();
            return (hash, null);
        }
        catch (FineTuningException error)
        {
            return (null, error.Message);
        }
    }
}
