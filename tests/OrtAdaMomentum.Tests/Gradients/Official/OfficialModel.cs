using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>
/// Models for the official runtime: the forward node of a case, the official gradient node behind it, the case's values in single precision
/// as initializers, and the gradients that the node gives as outputs <c>dx0</c>, <c>dx1</c> and so on. They have no inputs.
/// </summary>
internal sealed class OfficialModel
{
    private readonly OfficialOperator _official;
    private readonly GradientCase _case;
    private readonly NumericGradient _numeric;
    private readonly ModelBuilder _builder = new ModelBuilder(GradientCase.Opset).Opset(OnnxDomains.Microsoft, 1);

    private OfficialModel(OfficialOperator official, GradientCase @case, NumericGradient numeric)
    {
        _official = official;
        _case = @case;
        _numeric = numeric;
    }

    /// <summary>The model; null when the loss of the case depends on an output that the official operator takes no gradient of.</summary>
    public static ModelProto? Write(OfficialOperator official, GradientCase @case)
    {
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        return numeric.Weights.Keys.All(output => official.Inputs.Contains("d" + output))
            ? new OfficialModel(official, @case, numeric).Write(values)
            : null;
    }

    /// <summary>What stands for the boolean output that chance decides.</summary>
    public static double[] Given(GradientCase @case, int output, int count) =>
        Array.ConvertAll(CaseValues.Weights(@case, output, count), static weight => weight > 0 ? 1.0 : 0.0);

    /// <summary>Identifies a model.</summary>
    public static string Hash(ModelProto model) => Convert.ToHexStringLower(SHA256.HashData(model.ToByteArray()))[..16];

    private ModelProto Write(CaseValues values)
    {
        for (int index = 0; index < _case.Inputs.Count; index++)
        {
            var input = _case.Inputs[index];
            var type = CaseModel.TypeOf(input, ElementType.Float);
            if (Has(index))
                _builder.Initializer(TensorData.Create(CaseModel.Input(index), type, values.Inputs[index], input.Shape));
        }

        foreach (var (output, weights) in _numeric.Weights)
            _builder.Initializer(TensorData.Create("d" + output, ElementType.Float, weights, _numeric.Outputs[output].Shape));
        WriteForward();
        string[] inputs = Trimmed(_official.Inputs.Select(Input));
        string[] outputs = Trimmed(_official.Outputs.Select(name => Has(IndexOf(name)) ? name : string.Empty));
        _builder.Node(_official.Domain, _official.Name, inputs, outputs, Attributes());
        foreach (string output in outputs.Where(static name => name.Length > 0))
            _builder.Output(output, TensorType.Of(ElementType.Float, _case.Inputs[IndexOf(output)].Shape));
        return _builder.Build();
    }

    private void WriteForward()
    {
        int[] used = [.. _official.Inputs.Where(static name => name[0] == 'y').Select(IndexOf)];
        if (used.Length == 0)
            return;
        if (_official.GivenOutput is { } given)
        {
            var input = _case.Inputs[0];
            double[] values = Given(_case, given, input.ElementCount);
            _builder.Initializer(TensorData.Create(CaseModel.Output(given), ElementType.Bool, values, input.Shape));
            return;
        }

        string[] inputs = Trimmed(Enumerable.Range(0, _case.Inputs.Count).Select(index => Input(CaseModel.Input(index))));
        string[] outputs = [.. Enumerable.Range(0, used.Max() + 1).Select(CaseModel.Output)];
        string domain = _official.TrainedAs is null ? _case.Domain : OnnxDomains.Microsoft;
        _builder.Node(domain, _official.TrainedAs ?? _case.Operator, inputs, outputs, [.. _case.Attributes]);
    }

    private string Input(string name)
    {
        if (name.StartsWith("dy", StringComparison.Ordinal))
            return _numeric.Weights.ContainsKey(name[1..]) ? name : string.Empty;
        if (name.StartsWith("shape", StringComparison.Ordinal))
            _builder.Node("Shape", [CaseModel.Input(IndexOf(name))], [name]);
        if (name.StartsWith("onehot", StringComparison.Ordinal))
        {
            _builder.Initializer("classes", [_case.Inputs[0].Shape[1]]).Initializer("off_on", [0f, 1f], 2)
                .Node("OneHot", [CaseModel.Input(IndexOf(name)), "classes", "off_on"], [name]);
        }

        return name[0] == 'x' && !Has(IndexOf(name)) ? string.Empty : name;
    }

    private (string, object)[] Attributes() => _official.Attributes is null
        ? [.. _case.Attributes]
        : [.. _official.Attributes.Select(wanted => _case.Attributes.Where(own => own.Name == wanted.Name).FirstOrDefault(wanted))];

    private bool Has(int index) => index < _case.Inputs.Count && _case.Inputs[index].Role != InputRole.Omitted;

    private static int IndexOf(string name) => int.Parse(name.AsSpan(name.IndexOfAnyInRange('0', '9')), CultureInfo.InvariantCulture);

    private static string[] Trimmed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all[..(Array.FindLastIndex(all, static name => name.Length > 0) + 1)];
    }
}
