using System.Globalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Makes constants of graph inputs that are settings rather than data, such as a sampling rate, and fixes free axes.</summary>
internal static class FixedInputs
{
    public static void Apply(ModelProto model, IReadOnlyDictionary<string, string> values, NormalizationReport report)
    {
        GraphProto graph = model.Graph;
        foreach ((string name, string text) in values)
        {
            if (graph.Input.FirstOrDefault(input => input.Name == name) is not { } input)
            {
                FixedAxes.Apply(graph, name, text, report);
                continue;
            }

            TensorType type = TensorTypes.FromProto(input.Type)
                ?? throw new OnnxModelException($"Input '{name}' is no tensor and cannot be fixed.");

            double[] numbers = [.. text.Split(',').Select(part => Parse(name, part.Trim()))];
            long[] shape = Shape(name, type, numbers.Length);
            long count = TensorData.ElementCount(shape, name);
            if (numbers.Length == 1 && count is > 1 and <= 1 << 20)
                numbers = [.. Enumerable.Repeat(numbers[0], (int)count)];
            if (numbers.Length != count)
                throw new OnnxModelException($"Input '{name}' of shape [{string.Join(", ", shape)}] needs {count} values, but {numbers.Length} are given.");

            graph.Input.Remove(input);
            graph.Initializer.Add(TensorData.Create(name, type.ElementType, numbers, shape));
            report.Steering.Add(name);
            report.Note($"Input '{name}' was fixed to {text}.");
        }
    }

    private static double Parse(string name, string text) => text switch
    {
        "true" or "True" => 1,
        "false" or "False" => 0,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => throw new OnnxModelException($"The value '{text}' given for input '{name}' is no number."),
    };

    private static long[] Shape(string name, TensorType type, int given)
    {
        if (type.Shape is null)
            return given == 1 ? [] : [given];

        int open = type.Shape.Count(static dimension => !dimension.IsStatic);
        long known = TensorData.ElementCount(type.Shape.Where(static dimension => dimension.IsStatic).Select(static dimension => dimension.Extent), name);
        // One free axis takes as many as are given; several stand for one each.
        long free = open == 1 && known > 0 && given % known == 0 ? given / known : 1;
        return [.. type.Shape.Select(dimension => dimension.IsStatic ? dimension.Extent : free)];
    }
}
