namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Reads datasets from NumPy's .npz files: one array per graph input under its name, and the target (<c>labels</c>); the first axis of each
/// counts the samples.
/// </summary>
public static class NpzDataset
{
    /// <summary>Reads the arrays that the schema asks for; others in the file are left alone.</summary>
    /// <exception cref="DatasetException">The file is damaged, over a limit, or its arrays are not of equal length.</exception>
    public static TensorDataset Load(string path, DatasetSchema schema, DatasetReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        string[] names = [.. schema.Values.Select(static value => value.Name)];
        var arrays = NpzFile.Read(path, names, options);
        foreach (string name in names.Where(name => !arrays.ContainsKey(name)))
        {
            throw new DatasetException(
                $"'{path}' has no array named '{name}'. It has: {string.Join(", ", NpzFile.ListNames(path))}; the model takes: {string.Join(", ", names)}.");
        }

        TensorDataset? dataset = null;
        foreach (string name in names)
        {
            var array = arrays[name];
            if (array.Shape.Count == 0)
                throw new DatasetException($"Array '{name}' in '{path}' is a single number; its first axis has to count the samples.");
            if (array.Shape[0] == 0)
                throw new DatasetException($"Array '{name}' in '{path}' has no samples.");
            dataset ??= new TensorDataset((int)array.Shape[0]);
            if (array.Shape[0] != dataset.Count)
                throw new DatasetException($"'{path}' has {dataset.Count} samples of '{names[0]}', but {array.Shape[0]} of '{name}'.");
            dataset.AddOwned(new DatasetColumn(name, array.ElementType, [.. array.Shape.Skip(1)]), array.Bytes);
        }

        return dataset!;
    }
}
