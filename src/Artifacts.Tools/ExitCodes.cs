namespace OrtAdaMomentum.Tools;

/// <summary>What the process returns. The same numbers are in docs/tool.md.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>A defect of the tool itself.</summary>
    public const int Internal = 1;

    /// <summary>The command line is wrong; nothing was written.</summary>
    public const int Usage = 2;

    /// <summary>The model cannot be used, or not as asked.</summary>
    public const int Model = 3;

    /// <summary>The data cannot be used.</summary>
    public const int Data = 4;

    /// <summary>Stopped by the user; training left a checkpoint.</summary>
    public const int Cancelled = 5;

    /// <summary>Artifacts or a checkpoint are missing, damaged, or do not belong together.</summary>
    public const int Artifacts = 6;

    /// <summary>The device or the backend asked for cannot be used.</summary>
    public const int Device = 7;

    /// <summary>A file cannot be read or written.</summary>
    public const int File = 8;

    /// <summary>A fine-tuning service cannot be reached or refuses what was asked; or its folder is in use or damaged.</summary>
    public const int Service = 9;
}
