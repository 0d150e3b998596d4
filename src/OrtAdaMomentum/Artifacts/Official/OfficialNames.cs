namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Names in checkpoints come from strangers and end up in file names of exports and in messages. Names of models have slashes, which are
/// allowed; a way out of a folder is not.
/// </summary>
internal static class OfficialNames
{
    private const int Longest = 4096;

    /// <summary>Why a name is not taken; null when it is.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
            return "is empty";
        if (name.Length > Longest)
            return $"has {name.Length} characters, more than {Longest}";
        if (name.Any(char.IsControl))
            return "has a control character";
        if (name.Split('/', '\\').Contains(".."))
            return "is a path that leads out of its folder ('..')";
        return name.Length > 2 && name[1] == ':' && char.IsAsciiLetter(name[0]) && name[2] is '/' or '\\' ? "is a path on a drive" : null;
    }

    /// <summary>A name for messages: whatever it holds, one line.</summary>
    public static string Printable(string name) =>
        string.Concat(name.Take(100).Select(static character => char.IsControl(character) ? '?' : character)) + (name.Length > 100 ? "..." : string.Empty);
}
