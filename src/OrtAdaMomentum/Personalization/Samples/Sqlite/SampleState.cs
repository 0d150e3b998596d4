namespace OrtAdaMomentum.Personalization;

/// <summary>Whether runs can use a stored sample. The numbers are those in the file.</summary>
internal enum SampleState
{
    /// <summary>They can.</summary>
    Usable = 0,

    /// <summary>Its target is not known yet.</summary>
    Unlabelled = 1,

    /// <summary>Its content cannot be read.</summary>
    Damaged = 2,
}
