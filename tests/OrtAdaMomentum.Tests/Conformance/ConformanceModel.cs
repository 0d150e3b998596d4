using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>A model of the ONNX test data with the values of its inputs.</summary>
internal sealed class ConformanceModel
{
    private ConformanceModel(string name, OnnxModel model, Dictionary<string, TensorProto> feeds)
    {
        Name = name;
        Model = model;
        Feeds = feeds;
    }

    /// <summary>Set and name.</summary>
    public string Name { get; }

    /// <summary>The model as loaded.</summary>
    public OnnxModel Model { get; }

    /// <summary>What a caller supplies, by name.</summary>
    public IReadOnlyDictionary<string, TensorProto> Feeds { get; }

    /// <summary>The values that the graph holds itself.</summary>
    public IReadOnlyDictionary<string, TensorProto> Parameters =>
        Model.Proto.Graph.Initializer.Where(IsFloat).ToDictionary(static tensor => tensor.Name);

    /// <summary>Everything that varies smoothly: inputs and parameters in floating point.</summary>
    public IReadOnlyDictionary<string, TensorProto> Variables =>
        Feeds.Where(static feed => IsFloat(feed.Value)).Concat(Parameters).ToDictionary();

    /// <summary>Whether some input or output is in half precision, so that gradients are too.</summary>
    public bool IsHalf => Model.Inputs.Concat(Model.Outputs)
        .Any(static value => value.Type.ElementType is ElementType.Float16 or ElementType.BFloat16);

    /// <summary>Reads a model and its first set of inputs; null for inputs that are no tensors.</summary>
    public static ConformanceModel? Load(string name)
    {
        string folder = Path.Combine(ConformanceData.Folder!, name);
        var model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        var feeds = new Dictionary<string, TensorProto>();
        var held = model.Proto.Graph.Initializer.Select(static tensor => tensor.Name).ToHashSet();
        ValueInfoProto[] inputs = [.. model.Proto.Graph.Input.Where(input => !held.Contains(input.Name))];
        for (int index = 0; index < inputs.Length; index++)
        {
            if (inputs[index].Type.TensorType is null)
                return null;
            string file = Path.Combine(folder, "test_data_set_0", string.Create(CultureInfo.InvariantCulture, $"input_{index}.pb"));
            var tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(file));
            tensor.Name = inputs[index].Name;
            if (inputs[index].Type.TensorType.ElemType == (int)ElementType.BFloat16)
                ReadAsBrain(tensor, inputs[index]);
            feeds.Add(tensor.Name, tensor);
        }

        return new ConformanceModel(name, model, feeds);
    }

    /// <summary>The files hold brain floating point as a list of integers, which are its bits.</summary>
    private static void ReadAsBrain(TensorProto tensor, ValueInfoProto declared)
    {
        long[] shape = TensorTypes.FromProto(declared.Type)!.StaticShape!;
        tensor.DataType = (int)ElementType.BFloat16;
        if (TensorData.ElementCount(tensor) != TensorData.ElementCount(shape, declared.Name))
            return;
        tensor.Dims.Clear();
        tensor.Dims.AddRange(shape);
    }

    private static bool IsFloat(TensorProto tensor) => ((ElementType)tensor.DataType).IsFloatingPoint();
}
