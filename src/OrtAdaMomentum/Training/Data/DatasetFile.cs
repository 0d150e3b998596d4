namespace OrtAdaMomentum.Training.Data;

/// <summary>Opens a dataset by its path: the format follows from the name.</summary>
public static class DatasetFile
{
    /// <summary>
    /// Reads <c>.npz</c>, <c>.csv</c>, a pair of IDX files given as <c>images,labels</c> (the images alone where the names are MNIST's), or a
    /// folder that holds such a pair, and fits it to the schema.
    /// </summary>
    /// <exception cref="DatasetException">The data cannot be used; the message says why.</exception>
    public static FittedDataset Open(string path, DatasetSchema schema, DatasetReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(schema);
        return FittedDataset.Create(Load(path, schema, options), schema, options, $"'{path}'");
    }

    private static TensorDataset Load(string path, DatasetSchema schema, DatasetReadOptions? options)
    {
        if (Directory.Exists(path))
        {
            (string samples, string labels) = IdxDataset.FindPair(path)
                ?? throw new DatasetException($"The folder '{path}' holds no pair of IDX files (names with 'images', 'labels' and 'idx').");
            return IdxDataset.Load(samples, labels, schema, options);
        }

        if (Path.GetExtension(path).ToUpperInvariant() is ".NPZ")
            return NpzDataset.Load(path, schema, options);
        if (Path.GetExtension(path).ToUpperInvariant() is ".CSV")
            return CsvDataset.Load(path, schema, options);
        if (!File.Exists(path) && path.Split(',') is [{ Length: > 0 } first, { Length: > 0 } second])
            return IdxDataset.Load(first, second, schema, options);
        if (File.Exists(path) && IdxDataset.LabelsOf(path) is { } labelsPath)
            return IdxDataset.Load(path, labelsPath, schema, options);
        throw new DatasetException(
            File.Exists(path)
                ? $"'{path}' is of no known format. Known are .npz, .csv, and a pair of IDX files given as 'images,labels'."
                : $"'{path}' cannot be read: there is no such file.");
    }
}
