using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Gradients.Golden;

/// <summary>A graph input of an exported case.</summary>
internal sealed record ExportedInput(string Name, string Type, long[] Shape, double[] Values);

/// <summary>One exported case; README.md beside this file says what it means.</summary>
internal sealed record ExportedCase(
    string Name, string File, string Hash, IReadOnlyList<ExportedInput> Inputs, IReadOnlyList<string> Differentiate, IReadOnlyList<string> Outputs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<ExportedCase>))]
internal sealed partial class ExportJson : JsonSerializerContext;

/// <summary>Writes cases down for another implementation to differentiate.</summary>
internal static class CaseExport
{
    /// <summary>Writes every case that PyTorch has a counterpart for.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var cases = new List<ExportedCase>();
        foreach (var @case in GradientCases.All.Where(static item => item.NoTorch is null))
        {
            var (model, exported) = Describe(@case, string.Create(CultureInfo.InvariantCulture, $"{cases.Count:D4}.onnx"));
            File.WriteAllBytes(Path.Combine(folder, exported.File), model.ToByteArray());
            cases.Add(exported);
        }

        File.WriteAllText(Path.Combine(folder, "cases.json"), JsonSerializer.Serialize(cases, ExportJson.Default.ListExportedCase));
    }

    /// <summary>The model and the inputs of a case, all floating-point values in double.</summary>
    public static (ModelProto Model, ExportedCase Case) Describe(GradientCase @case, string file = "")
    {
        var values = new CaseValues(@case);
        var model = CaseModel.Build(@case, values, ElementType.Double, ShapeKnowledge.Fixed, declareOutputs: true);
        List<string> used = [];
        using (var numeric = new NumericGradient(@case, values))
        {
            foreach (var (output, weights) in numeric.Weights.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                string weight = CaseModel.Weight(int.Parse(output.AsSpan(1), CultureInfo.InvariantCulture));
                model.Graph.Initializer.Add(TensorData.Create(weight, weights, numeric.Outputs[output].Shape));
                used.Add(output);
            }
        }

        var inputs = new List<ExportedInput>();
        var differentiate = new List<string>();
        for (int index = 0; index < @case.Inputs.Count; index++)
        {
            var input = @case.Inputs[index];
            if (input.Role is not (InputRole.Variable or InputRole.Fed))
                continue;
            string type = input.Type switch
            {
                ElementType.Float => "float64",
                ElementType.Int64 => "int64",
                ElementType.Int32 => "int32",
                ElementType.Bool => "bool",
                var other => throw new NotSupportedException($"{other}"),
            };
            inputs.Add(new ExportedInput(CaseModel.Input(index), type, input.Shape, values.Inputs[index]));
            if (input.Role == InputRole.Variable)
                differentiate.Add(CaseModel.Input(index));
        }

        return (model, new ExportedCase(@case.Name, file, Hash(model, inputs), inputs, differentiate, used));
    }

    private static string Hash(ModelProto model, List<ExportedInput> inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(model.ToByteArray());
        foreach (double value in inputs.SelectMany(static input => input.Values))
            hash.AppendData(BitConverter.GetBytes(value));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
