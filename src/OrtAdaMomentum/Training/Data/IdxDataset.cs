namespace OrtAdaMomentum.Training.Data;

/// <summary>Reads datasets from a pair of IDX files, the format of MNIST: one with the samples, one with their labels; plain or <c>.gz</c>.</summary>
public static class IdxDataset
{
    /// <summary>Reads a pair of files. The samples become the model's only input.</summary>
    /// <exception cref="DatasetException">A file is damaged or over a limit, the files do not belong together, or the model has several inputs.</exception>
    public static TensorDataset Load(string samplesPath, string labelsPath, DatasetSchema schema, DatasetReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(samplesPath);
        ArgumentException.ThrowIfNullOrEmpty(labelsPath);
        ArgumentNullException.ThrowIfNull(schema);
        var input = schema.SingleInput("IDX");
        long limit = (options ?? DatasetReadOptions.Default).MaxBytes;
        var samples = IdxFile.Read(samplesPath, limit);
        var labels = IdxFile.Read(labelsPath, limit - samples.Bytes.Length);
        if (samples.Shape[0] != labels.Shape[0])
            throw new DatasetException($"'{samplesPath}' has {samples.Shape[0]} samples, but '{labelsPath}' has {labels.Shape[0]} labels.");
        return new TensorDataset((int)samples.Shape[0])
            .AddOwned(new DatasetColumn(input.Name, samples.ElementType, [.. samples.Shape.Skip(1)]), samples.Bytes)
            .AddOwned(new DatasetColumn(schema.Target.Name, labels.ElementType, [.. labels.Shape.Skip(1)]), labels.Bytes);
    }

    /// <summary>
    /// Finds the pair in a folder: the file with <c>images</c> and the one with <c>labels</c> in its name, both with <c>idx</c>. Null when
    /// the folder holds no such files.
    /// </summary>
    /// <exception cref="DatasetException">The folder holds one half of a pair, or several pairs.</exception>
    public static (string Samples, string Labels)? FindPair(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(static path => Has(path, "idx")).Order(StringComparer.Ordinal)];
        string[] samples = [.. files.Where(static path => Has(path, "images"))];
        string[] labels = [.. files.Where(static path => Has(path, "labels"))];
        if (samples.Length == 0 && labels.Length == 0)
            return null;
        return samples.Length == 1 && labels.Length == 1
            ? (samples[0], labels[0])
            : throw new DatasetException(
                $"'{folder}' has to hold one pair of IDX files, but has {samples.Length} of images and {labels.Length} of labels. Name the pair as 'images,labels'.");
    }

    /// <summary>The labels that belong to a file of images by the names of MNIST (<c>…images-idx3…</c> and <c>…labels-idx1…</c>); null for other names.</summary>
    public static string? LabelsOf(string samplesPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(samplesPath);
        string name = Path.GetFileName(samplesPath);
        string labels = name.Replace("images-idx3", "labels-idx1", StringComparison.Ordinal);
        return labels == name ? null : Path.Combine(Path.GetDirectoryName(samplesPath) ?? "", labels);
    }

    private static bool Has(string path, string word) => Path.GetFileName(path).Contains(word, StringComparison.OrdinalIgnoreCase);
}
