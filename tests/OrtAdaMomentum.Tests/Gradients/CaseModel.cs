using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>What a model says about the shapes of its inputs.</summary>
internal enum ShapeKnowledge
{
    /// <summary>Every axis is a number.</summary>
    Fixed,

    /// <summary>Axes longer than 1 are symbols, the same for the same extent: as models with free batch and sequence axes are.</summary>
    Named,

    /// <summary>Every axis is a symbol of its own.</summary>
    Symbolic,
}

/// <summary>Models of one node.</summary>
internal static class CaseModel
{
    public static string Input(int index) => string.Create(CultureInfo.InvariantCulture, $"x{index}");

    public static string Output(int index) => string.Create(CultureInfo.InvariantCulture, $"y{index}");

    public static string Weight(int index) => string.Create(CultureInfo.InvariantCulture, $"weight_{index}");

    /// <summary>The factors of an output in the loss.</summary>
    public static string Weight(string output) => $"weight_{output.AsSpan(1)}";

    /// <summary>The element type of an input when the case runs in the given precision.</summary>
    public static ElementType TypeOf(CaseInput input, ElementType precision) => input.Type == ElementType.Float ? precision : input.Type;

    /// <summary>The node with its inputs; graph outputs are declared when asked for.</summary>
    public static ModelProto Build(GradientCase @case, CaseValues values, ElementType precision, ShapeKnowledge shapes, bool declareOutputs)
    {
        var model = new ModelBuilder(@case.ModelOpset);
        if (@case.Domain.Length > 0)
            model.Opset(@case.Domain, 1);
        var names = new List<string>();
        for (int index = 0; index < @case.Inputs.Count; index++)
        {
            var input = @case.Inputs[index];
            string name = Input(index);
            var type = TypeOf(input, precision);
            names.Add(input.Role == InputRole.Omitted ? string.Empty : name);
            if (input.Role == InputRole.Constant)
                model.Initializer(TensorData.Create(name, type, values.Inputs[index], input.Shape));
            else if (input.Role != InputRole.Omitted)
                model.Input(name, new TensorType(type, Dimensions(input.Shape, name, input.IsParameter ? ShapeKnowledge.Fixed : shapes)));
        }

        while (names.Count > 0 && names[^1].Length == 0)
            names.RemoveAt(names.Count - 1);
        string[] outputs = [.. Enumerable.Range(0, @case.Outputs).Select(Output)];
        // A gradient may change a graph inside the node; each model has its own.
        var attributes = @case.Attributes.Select(static pair => (pair.Name, pair.Value is GraphProto graph ? graph.Clone() : pair.Value));
        model.Node(@case.Domain, @case.Operator, [.. names], outputs, [.. attributes]);
        if (declareOutputs)
            model.Output(outputs);
        return model.Build();
    }

    /// <summary>Values for the graph inputs.</summary>
    public static Dictionary<string, (Array Data, long[] Shape)> Feeds(GradientCase @case, CaseValues values, ElementType precision)
    {
        var feeds = new Dictionary<string, (Array, long[])>();
        for (int index = 0; index < @case.Inputs.Count; index++)
        {
            var input = @case.Inputs[index];
            if (input.Role is InputRole.Variable or InputRole.Fed)
                feeds[Input(index)] = (CaseValues.ToArray(values.Inputs[index], TypeOf(input, precision)), input.Shape);
        }

        return feeds;
    }

    /// <summary>Axes of a value as a model declares them.</summary>
    public static Dimension[] Dimensions(long[] shape, string name, ShapeKnowledge shapes) =>
    [
        .. shape.Select((extent, axis) => shapes switch
        {
            ShapeKnowledge.Symbolic => Dimension.Named(string.Create(CultureInfo.InvariantCulture, $"{name}_{axis}")),
            ShapeKnowledge.Named when extent > 1 => Dimension.Named(string.Create(CultureInfo.InvariantCulture, $"n{extent}")),
            _ => Dimension.Of(extent),
        }),
    ];
}
