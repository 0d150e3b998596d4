using System.Diagnostics;
using System.Text.Json.Nodes;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>What the official runtime will not do, in its own words.</summary>
internal sealed class OfficialRefusalException(string message) : Exception(message);

/// <summary>A tensor that goes to the official runtime or comes from it.</summary>
internal sealed record OfficialValue(ElementType Type, long[] Shape, byte[] Bytes)
{
    public float[] Floats => MemoryMarshalled.Floats(Bytes);
}

/// <summary>The official training runtime, in a process of Node: tests/OfficialRuntime/trainer.mjs.</summary>
internal sealed class OfficialRuntime : IDisposable
{
    /// <summary>The environment variable that names the folder with the runtime.</summary>
    public const string Variable = "ORTADAM_OFFICIAL_RUNTIME";

    /// <summary>Why nothing is compared where it is missing.</summary>
    public const string Missing = "The official runtime is not on this machine: tests/official-runtime.sh judge fetches it, with Node and npm, and runs these tests.";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private OfficialRuntime(Process process) => _process = process;

    /// <summary>Whether the runtime and Node are on this machine.</summary>
    public static bool IsThere { get; } = Folder is not null && NodeAnswers();

    /// <summary>Whether the process is of no further use.</summary>
    public bool IsBroken { get; private set; }

    private static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    public static OfficialRuntime Start()
    {
        var process = Process.Start(Node(Path.Combine(AppContext.BaseDirectory, "OfficialRuntime", "trainer.mjs"), Folder!))!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new OfficialRuntime(process);
    }

    /// <summary>Opens the artifacts in a folder. What was open before is closed by the caller.</summary>
    public Task<JsonObject> Open(string folder, string prefix = "", string checkpoint = "checkpoint") =>
        Ask(new JsonObject { ["do"] = "open", ["folder"] = folder, ["prefix"] = prefix, ["checkpoint"] = checkpoint });

    public Task<Dictionary<string, OfficialValue>> Train(IEnumerable<(string Name, OfficialValue Value)> inputs) =>
        Run(new JsonObject { ["do"] = "train" }, inputs);

    public Task<Dictionary<string, OfficialValue>> Evaluate(IEnumerable<(string Name, OfficialValue Value)> inputs) =>
        Run(new JsonObject { ["do"] = "evaluate" }, inputs);

    /// <summary>Runs a model in a file once.</summary>
    public Task<Dictionary<string, OfficialValue>> Run(string model, IEnumerable<(string Name, OfficialValue Value)> inputs) =>
        Run(new JsonObject { ["do"] = "run", ["model"] = model }, inputs);

    public Task Step() => Ask(new JsonObject { ["do"] = "step" });

    public Task Reset() => Ask(new JsonObject { ["do"] = "reset" });

    public Task Close() => Ask(new JsonObject { ["do"] = "close" });

    public async Task<float[]> Parameters(bool trainableOnly = true)
    {
        var answer = await Ask(new JsonObject { ["do"] = "get", ["trainableOnly"] = trainableOnly });
        return MemoryMarshalled.Floats(Convert.FromBase64String(answer["data"]!.GetValue<string>()));
    }

    public Task SetParameters(float[] values, bool trainableOnly = true) =>
        Ask(new JsonObject { ["do"] = "set", ["trainableOnly"] = trainableOnly, ["data"] = Convert.ToBase64String(MemoryMarshalled.Bytes(values)) });

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task<Dictionary<string, OfficialValue>> Run(JsonObject command, IEnumerable<(string Name, OfficialValue Value)> inputs)
    {
        var given = new JsonObject();
        foreach (var (name, value) in inputs)
        {
            given[name] = new JsonObject
            {
                ["type"] = (int)value.Type, ["shape"] = new JsonArray([.. value.Shape.Select(static extent => (JsonNode)extent)]), ["data"] = Convert.ToBase64String(value.Bytes),
            };
        }

        command["inputs"] = given;
        var answer = await Ask(command);
        return answer["outputs"]!.AsObject().ToDictionary(static pair => pair.Key, static pair => new OfficialValue(
            (ElementType)pair.Value!["type"]!.GetValue<int>(),
            [.. pair.Value["shape"]!.AsArray().Select(static extent => extent!.GetValue<long>())],
            Convert.FromBase64String(pair.Value["data"]!.GetValue<string>())));
    }

    private async Task<JsonObject> Ask(JsonObject command)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        string? line = null;
        try
        {
            await _process.StandardInput.WriteLineAsync(command.ToJsonString().AsMemory(), patience.Token);
            await _process.StandardInput.FlushAsync(patience.Token);
            line = await _process.StandardOutput.ReadLineAsync(patience.Token);
        }
        finally
        {
            IsBroken |= line is null;
        }

        var answer = JsonNode.Parse(line ?? throw new OfficialRefusalException("the process has ended"))!.AsObject();
        if (answer["error"] is not { } error)
            return answer;
        IsBroken |= answer["broken"]?.GetValue<bool>() ?? false;
        throw new OfficialRefusalException(error.GetValue<string>());
    }

    private static bool NodeAnswers()
    {
        try
        {
            using var process = Process.Start(Node("--version"))!;
            process.WaitForExit(Patience);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static ProcessStartInfo Node(params string[] arguments) =>
        new("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
}
