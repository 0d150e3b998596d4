using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OrtAdaMomentum.Tests.ServiceKills;

/// <summary>What a killed service left, read without the code that wrote it.</summary>
internal sealed class StateOnDisk(string folder)
{
    private readonly string _data = Path.Combine(folder, "data");

    /// <summary>Throws when something was lost, doubled, half written, or is served without having passed the gate.</summary>
    public void Check()
    {
        CheckSamples();
        CheckServed();
    }

    /// <summary>The hashes of all versions in their order.</summary>
    public IReadOnlyList<string> Versions()
    {
        string versions = Path.Combine(_data, "registry", "versions");
        if (!Directory.Exists(versions))
            return [];
        return [.. Directory.EnumerateDirectories(versions)
            .Where(static path => !Path.GetFileName(path).StartsWith('.'))
            .Select(path => ReadRecord(Path.GetFileName(path)))
            .OrderBy(static record => record.Number)
            .Select(static record => record.Id)];
    }

    public string? Current()
    {
        string pointer = Path.Combine(_data, "registry", "current.json");
        if (!File.Exists(pointer))
            return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(pointer));
        return document.RootElement.GetProperty("version").GetString();
    }

    /// <summary>The keys in the store, sorted.</summary>
    public IReadOnlyList<string> Keys()
    {
        string path = Path.Combine(_data, "samples.db");
        if (!File.Exists(path))
            return [];
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Expect(command.ExecuteScalar() as string == "ok", "the database is damaged");
        command.CommandText = "PRAGMA user_version";
        if (command.ExecuteScalar() is 0L)
            return [];
        command.CommandText = "SELECT key FROM samples";
        var keys = new List<string>();
        using var rows = command.ExecuteReader();
        while (rows.Read())
            keys.Add(rows.GetString(0));
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private void CheckSamples()
    {
        var keys = Keys();
        Expect(keys.Distinct(StringComparer.Ordinal).Count() == keys.Count, "a sample is in the store twice");
        string file = Path.Combine(folder, ServiceUnderTest.Acknowledged);
        if (!File.Exists(file))
            return;
        // A sample that came again after a kill is acknowledged again; older ones than the newest may have made room.
        string[] acknowledged = [.. File.ReadLines(file).Distinct(StringComparer.Ordinal).TakeLast(Scenario.KeptSamples)];
        string[] lost = [.. acknowledged.Except(keys, StringComparer.Ordinal)];
        // The store may hold one more that it kept but did not get to acknowledge, for which the oldest went.
        Expect(lost.Length == 0 || (lost.Length == 1 && lost[0] == acknowledged[0] && keys.Count >= Scenario.KeptSamples), $"lost: {string.Join(", ", lost)}");
    }

    private void CheckServed()
    {
        if (Current() is not { } current)
            return;
        var record = ReadRecord(current);
        Expect(record.IsBase || record.PassedGate, $"the version {current} is served but did not pass the gate");
        string model = Path.Combine(_data, "registry", "versions", current, "model.onnx");
        Expect(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model))) == current, $"the model of {current} is damaged");
    }

    private (string Id, int Number, bool IsBase, bool PassedGate) ReadRecord(string id)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_data, "registry", "versions", id, "version.json")));
        var root = document.RootElement;
        bool passed = root.GetProperty("accepted").GetBoolean()
            && root.TryGetProperty("decision", out var decision) && decision.GetProperty("promote").GetBoolean();
        return (id, root.GetProperty("number").GetInt32(), !root.TryGetProperty("parent", out _), passed);
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidOperationException(otherwise);
    }
}
