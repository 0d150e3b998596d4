using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Loading;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>The file beside a checkpoint that holds data of parameters: a regular file in the same folder, never a link.</summary>
/// <param name="path">Full path of the file.</param>
internal sealed class ExternalFile(string path)
{
    private readonly List<(long Offset, long Size, string What)> _parts = [];
    private long _read;

    /// <summary>Reads a part.</summary>
    public byte[] Read(long offset, long size, string what, FlatFile checkpoint)
    {
        try
        {
            // Parts that overlap are refused in the end; before that they must not take more memory than the file has.
            long length = new FileInfo(path).Length;
            _read += size;
            if (size > length || offset > length - size)
                throw checkpoint.Refuse($"{what} should be bytes {offset} to {offset + (decimal)size} of '{Path.GetFileName(path)}', which has {length}");
            if (_read > length)
                throw checkpoint.Refuse($"{what} and others before it lie at the same places of '{Path.GetFileName(path)}'");
            _parts.Add((offset, size, what));
            return ContainedFile.Read(Path.GetDirectoryName(path)!, Path.GetFileName(path), offset, size)
                ?? throw checkpoint.Refuse($"{what} should be {size} bytes of '{Path.GetFileName(path)}', which cannot be read as a whole");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FineTuningException($"{path}: {what} lies in this external file, which cannot be read: {problem.Message}", problem);
        }
        catch (OnnxModelException problem)
        {
            throw new FineTuningException($"{path}: {what} lies in this external file, which is not read: {problem.Message}", problem);
        }
    }

    /// <summary>Refuses parts that share bytes.</summary>
    public void RequireDisjoint(FlatFile checkpoint)
    {
        _parts.Sort(static (left, right) => (left.Offset, left.Size).CompareTo((right.Offset, right.Size)));
        for (int index = 1; index < _parts.Count; index++)
        {
            if (_parts[index].Offset < _parts[index - 1].Offset + _parts[index - 1].Size)
                throw checkpoint.Refuse($"{_parts[index - 1].What} and {_parts[index].What} share bytes of '{Path.GetFileName(path)}'");
        }
    }
}
