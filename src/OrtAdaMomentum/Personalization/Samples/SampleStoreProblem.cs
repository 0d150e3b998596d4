namespace OrtAdaMomentum.Personalization;

/// <summary>Why a store of samples cannot be used.</summary>
public enum SampleStoreProblem
{
    /// <summary>None of the others; the message of the exception says more.</summary>
    Other,

    /// <summary>The disk is full. The store works again when there is room.</summary>
    DiskFull,

    /// <summary>The file or its folder cannot be opened or written. The store works again when it can.</summary>
    NotWritable,

    /// <summary>The file is damaged. It is left as it is; what can still be read is copied by <see cref="SqliteSampleStore.SalvageAsync"/>.</summary>
    Damaged,

    /// <summary>The file is another program's.</summary>
    Foreign,

    /// <summary>The file was written by a newer version of this library.</summary>
    NewerVersion,

    /// <summary>Another program holds the file for longer than is waited for.</summary>
    Busy,

    /// <summary>The file was removed while it was open, and the samples in it with it.</summary>
    Gone,

    /// <summary>The samples are encrypted, and the key is missing or another one.</summary>
    Key,
}
