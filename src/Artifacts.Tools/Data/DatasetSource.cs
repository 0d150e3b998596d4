using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools.Data;

/// <summary>Opens whatever <c>--data</c> names: what the library reads, and folders of images.</summary>
internal static class DatasetSource
{
    public static IDataset Open(string path, DatasetSchema schema, DatasetReadOptions options) =>
        Directory.Exists(path) && IdxDataset.FindPair(path) is null && Directory.EnumerateDirectories(path).Any()
            ? ImageFolder.Load(path, schema, options)
            : DatasetFile.Open(path, schema, options);
}
