using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>What the files of a folder hold.</summary>
internal static class Folders
{
    /// <summary>Whether these bytes are in any of the files, which may be open.</summary>
    public static bool Holds(this TemporaryFolder folder, ReadOnlySpan<byte> content)
    {
        foreach (string file in Directory.GetFiles(folder.Path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            if (bytes.AsSpan().IndexOf(content) >= 0)
                return true;
        }

        return false;
    }
}
