using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Artifacts.Official;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>
/// The real official runtime, as WebAssembly in a process of Node. It has no parameters by name, so that these are cut out of the buffer of all.
/// </summary>
internal sealed class NodeTraining : IOfficialTraining
{
    private readonly OfficialRuntime _runtime;
    private readonly JsonObject _names;
    private readonly Dictionary<string, (int Start, long[] Shape, int Length)> _places = [];

    public NodeTraining(OfficialRuntime runtime, OfficialSessionFiles files)
    {
        _runtime = runtime;
        _names = Wait(runtime.Open(Path.GetDirectoryName(files.TrainingModel)!));
        var checkpoint = OfficialCheckpoint.Load(files.Checkpoint);
        var tensors = checkpoint.TrainableParameters.Concat(checkpoint.FrozenParameters).ToDictionary(static tensor => tensor.Name);
        int start = 0;
        foreach (var input in ModelProto.Parser.ParseFrom(File.ReadAllBytes(files.TrainingModel)).Graph.Input.Where(input => tensors.ContainsKey(input.Name)))
        {
            var tensor = tensors[input.Name];
            int length = tensor.Data.Length / sizeof(float);
            _places[input.Name] = (start, [.. tensor.Shape], length);
            start += length;
        }
    }

    public IReadOnlyList<string> InputNames(bool training) => Names("inputs");

    public IReadOnlyList<string> OutputNames(bool training) => Names(training ? "outputs" : "evalOutputs");

    public IDisposableReadOnlyCollection<OrtValue> TrainStep(IReadOnlyCollection<OrtValue> inputs) => Given(Wait(_runtime.Train(Feeds(inputs))), OutputNames(true));

    public IDisposableReadOnlyCollection<OrtValue> EvalStep(IReadOnlyCollection<OrtValue> inputs) => Given(Wait(_runtime.Evaluate(Feeds(inputs))), OutputNames(false));

    public void LazyResetGrad() => _runtime.Reset().GetAwaiter().GetResult();

    public OrtValue ToBuffer(bool onlyTrainable)
    {
        float[] packed = Wait(_runtime.Parameters(onlyTrainable));
        return OrtValue.CreateTensorValueFromMemory(packed, [packed.Length]);
    }

    public void FromBuffer(OrtValue packed, bool onlyTrainable) =>
        _runtime.SetParameters(packed.GetTensorDataAsSpan<float>().ToArray(), onlyTrainable).GetAwaiter().GetResult();

    public OrtValue GetParameter(string name)
    {
        var (start, shape, length) = _places[name];
        return OrtValue.CreateTensorValueFromMemory(Wait(_runtime.Parameters(trainableOnly: false)).AsSpan(start, length).ToArray(), shape);
    }

    public void UpdateParameter(string name, OrtValue value)
    {
        float[] all = Wait(_runtime.Parameters(trainableOnly: false));
        value.GetTensorDataAsSpan<float>().CopyTo(all.AsSpan(_places[name].Start, _places[name].Length));
        _runtime.SetParameters(all, trainableOnly: false).GetAwaiter().GetResult();
    }

    public void Dispose() => _runtime.Close().GetAwaiter().GetResult();

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static GivenValues Given(Dictionary<string, OfficialValue> outputs, IReadOnlyList<string> names)
    {
        var values = new List<OrtValue>();
        foreach (string name in names)
        {
            var (type, shape, bytes) = outputs[name];
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)type, shape);
            bytes.CopyTo(value.GetTensorMutableDataAsSpan<byte>());
            values.Add(value);
        }

        return new GivenValues(values);
    }

    private IReadOnlyList<string> Names(string which) => [.. _names[which]!.AsArray().Select(static name => name!.GetValue<string>())];

    private IEnumerable<(string Name, OfficialValue Value)> Feeds(IReadOnlyCollection<OrtValue> inputs) => InputNames(true).Zip(inputs, static (name, value) =>
    {
        var information = value.GetTensorTypeAndShape();
        return (name, new OfficialValue((ElementType)information.ElementDataType, information.Shape, value.GetTensorDataAsSpan<byte>().ToArray()));
    });
}
