using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>
/// The official training session over the same files, as far as it is used here: it tells parameters, buffers and inputs apart by name as that does,
/// keeps the parameters to itself, and does what <c>InPlaceAccumulatorV2</c> does, which the stock runtime does not have, between two runs of it.
/// </summary>
internal sealed class EmulatedTraining : IOfficialTraining
{
    private readonly Dictionary<string, Value> _values = [];
    private readonly HashSet<string> _trainable;
    private readonly List<(string Into, string Value, string Overwrite)> _accumulations = [];
    private readonly List<string> _parameterOrder;
    private readonly Graph _training;
    private readonly Graph _eval;

    public EmulatedTraining(OfficialSessionFiles files)
    {
        var checkpoint = OfficialCheckpoint.Load(files.Checkpoint);
        _trainable = [.. checkpoint.TrainableParameters.Select(static tensor => tensor.Name)];
        foreach (var tensor in checkpoint.TrainableParameters.Concat(checkpoint.FrozenParameters))
            _values[tensor.Name] = new Value(tensor.ToSingles(), [.. tensor.Shape]);
        var training = ModelProto.Parser.ParseFrom(File.ReadAllBytes(files.TrainingModel));
        _parameterOrder = [.. training.Graph.Input.Select(static input => input.Name).Where(_values.ContainsKey)];
        foreach (string name in _trainable)
            _values[OfficialGraphNames.Buffer(name)] = new Value(new float[_values[name].Data.Length], _values[name].Shape);
        TakeAccumulations(training.Graph);
        _training = new Graph(training, _values);
        _eval = new Graph(ModelProto.Parser.ParseFrom(File.ReadAllBytes(files.EvalModel)), _values);
        Assert.True(File.Exists(files.OptimizerModel));
    }

    public bool IsDisposed { get; private set; }

    public int Resets { get; private set; }

    private bool Overwrites { get; set; } = true;

    public IReadOnlyList<string> InputNames(bool training) => (training ? _training : _eval).Inputs;

    public IReadOnlyList<string> OutputNames(bool training) => (training ? _training : _eval).Outputs;

    public IDisposableReadOnlyCollection<OrtValue> TrainStep(IReadOnlyCollection<OrtValue> inputs)
    {
        var (outputs, rest) = _training.Run(inputs);
        foreach (var (into, value, overwrite) in _accumulations)
        {
            var target = _values[into].Data;
            var source = rest[value].GetTensorDataAsSpan<float>();
            bool resets = overwrite != OfficialGraphNames.LazyResetGrad || Overwrites;
            for (int index = 0; index < target.Length; index++)
                target[index] = source[index] + (resets ? 0 : target[index]);
        }

        Overwrites = false;
        return outputs;
    }

    public IDisposableReadOnlyCollection<OrtValue> EvalStep(IReadOnlyCollection<OrtValue> inputs) => _eval.Run(inputs).Outputs;

    public void LazyResetGrad()
    {
        Overwrites = true;
        Resets++;
    }

    public OrtValue ToBuffer(bool onlyTrainable)
    {
        float[] packed = [.. Order(onlyTrainable).SelectMany(name => _values[name].Data)];
        return OrtValue.CreateTensorValueFromMemory(packed, [packed.Length]);
    }

    public void FromBuffer(OrtValue packed, bool onlyTrainable)
    {
        var rest = packed.GetTensorDataAsSpan<float>();
        foreach (string name in Order(onlyTrainable))
        {
            var data = _values[name].Data;
            rest[..data.Length].CopyTo(data);
            rest = rest[data.Length..];
        }

        Assert.True(rest.IsEmpty);
    }

    public OrtValue GetParameter(string name)
    {
        var (data, shape) = _values[name];
        return OrtValue.CreateTensorValueFromMemory((float[])data.Clone(), shape);
    }

    public void UpdateParameter(string name, OrtValue value)
    {
        Assert.Equal(_values[name].Shape, value.GetTensorTypeAndShape().Shape);
        value.GetTensorDataAsSpan<float>().CopyTo(_values[name].Data);
    }

    /// <summary>The gradients that have added up, which the real session shows to nobody.</summary>
    public float[] Accumulated(string parameter) => _values[OfficialGraphNames.Buffer(parameter)].Data;

    public void Dispose()
    {
        IsDisposed = true;
        _training.Dispose();
        _eval.Dispose();
    }

    private IEnumerable<string> Order(bool onlyTrainable) => _parameterOrder.Where(name => !onlyTrainable || _trainable.Contains(name));

    private void TakeAccumulations(GraphProto graph)
    {
        var nodes = graph.Node.Where(static node => node.OpType == "InPlaceAccumulatorV2").ToList();
        foreach (var node in nodes)
        {
            graph.Node.Remove(node);
            graph.Output.Remove(graph.Output.Single(output => output.Name == node.Output[0]));
            _accumulations.Add((node.Input[0], node.Input[1], node.Input[2]));
        }

        graph.Input.Remove(graph.Input.Single(static input => input.Name == OfficialGraphNames.LazyResetGrad));
        foreach (string buffer in _trainable.Select(OfficialGraphNames.Buffer))
            graph.Input.Remove(graph.Input.Single(input => input.Name == buffer));
        foreach (var (_, value, _) in _accumulations.DistinctBy(static each => each.Value))
            graph.Output.Add(new ValueInfoProto { Name = value });
    }

    private sealed record Value(float[] Data, long[] Shape);

    /// <summary>One of the two models on the stock runtime.</summary>
    private sealed class Graph : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly RunOptions _runOptions = new();
        private readonly List<(string Name, OrtValue Value)> _parameters = [];
        private readonly string[] _outputs;

        public Graph(ModelProto model, Dictionary<string, Value> values)
        {
            _session = new InferenceSession(model.ToByteArray());
            Inputs = [.. model.Graph.Input.Select(static input => input.Name).Where(name => !values.ContainsKey(name))];
            _outputs = [.. model.Graph.Output.Select(static output => output.Name)];
            Outputs = [.. _outputs.Where(static name => !OfficialGraphNames.IsReserved(name))];
            foreach (string name in model.Graph.Input.Select(static input => input.Name).Where(values.ContainsKey))
                _parameters.Add((name, OrtValue.CreateTensorValueFromMemory(values[name].Data, values[name].Shape)));
        }

        public string[] Inputs { get; }

        public string[] Outputs { get; }

        public (GivenValues Outputs, Dictionary<string, OrtValue> All) Run(IReadOnlyCollection<OrtValue> inputs)
        {
            Assert.Equal(Inputs.Length, inputs.Count);
            var results = _session.Run(
                _runOptions, [.. Inputs, .. _parameters.Select(static each => each.Name)], [.. inputs, .. _parameters.Select(static each => each.Value)], _outputs);
            var all = _outputs.Zip(results).ToDictionary(static pair => pair.First, static pair => pair.Second);
            return (new GivenValues([.. Outputs.Select(name => all[name])], results), all);
        }

        public void Dispose()
        {
            foreach (var (_, value) in _parameters)
                value.Dispose();
            _runOptions.Dispose();
            _session.Dispose();
        }
    }
}
