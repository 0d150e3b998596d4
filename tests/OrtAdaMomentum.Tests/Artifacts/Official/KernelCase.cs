using OrtAdaMomentum.Artifacts.Official.Kernels;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;
using OfficialOperators = OrtAdaMomentum.Artifacts.Official.Operators.OfficialOperators;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>A case of one node whose gradient is written with the official runtime's own operators where they apply.</summary>
internal sealed class KernelCase : IDisposable
{
    private static readonly GradientRegistry Rules = OfficialKernels.Over(GradientRegistry.Default);

    private readonly NumericGradient _numeric;

    public KernelCase(GradientCase @case)
    {
        Case = @case;
        Values = new CaseValues(@case);
        _numeric = new NumericGradient(@case, Values);
    }

    public GradientCase Case { get; }

    private CaseValues Values { get; }

    /// <summary>What the case is fed with.</summary>
    public Dictionary<string, (Array Data, long[] Shape)> Feeds => AnalyticGradient.Feeds(Case, Values, ElementType.Float, _numeric);

    /// <summary>The cases of an operator.</summary>
    public static IEnumerable<GradientCase> Of(OfficialKernel kernel) =>
        GradientCases.All.Where(item => item.Operator == kernel.Forward && item.Domain == kernel.ForwardDomain);

    /// <summary>Whether the batch has samples. Without any, some of the official operators divide by zero.</summary>
    public static bool HasSamples(GradientCase @case) => !@case.Inputs.Any(static input => input.Role != InputRole.Omitted && input.Shape.Contains(0));

    /// <summary>The models that use the official operator, one for what is known of shapes.</summary>
    public IEnumerable<(ShapeKnowledge Shapes, ModelProto Model)> Models() =>
        (Case.StaticOnly is null ? [ShapeKnowledge.Fixed, ShapeKnowledge.Named] : new[] { ShapeKnowledge.Fixed })
        .Select(shapes => (shapes, Write(shapes))).Where(static pair => OperatorsIn(pair.Item2).Length > 0);

    public ModelProto Write(ShapeKnowledge shapes) => AnalyticGradient.Write(Case, Values, ElementType.Float, shapes, _numeric, Rules);

    /// <summary>The gradient operators of the official runtime in a model.</summary>
    public static string[] OperatorsIn(ModelProto model) =>
        [.. model.Graph.Node.Where(static node => OfficialOperators.Find(node) is not null && node.OpType.Contains("Grad", StringComparison.Ordinal)).Select(static node => node.OpType)];

    /// <summary>Compares with the gradients by ordinary operators in the stock runtime.</summary>
    public void AssertClose(IReadOnlyDictionary<string, OrtTensor> gradients, string where)
    {
        var expected = AnalyticGradient.Compute(Case, Values, ElementType.Float, ShapeKnowledge.Fixed, _numeric);
        Assert.Equal(expected.ByInput.Keys.Select(static input => $"dx{input}").Order(StringComparer.Ordinal), gradients.Keys.Order(StringComparer.Ordinal));
        foreach (int input in expected.ByInput.Keys)
        {
            var actual = gradients[$"dx{input}"];
            Assert.Equal(Case.Inputs[input].Shape, actual.Shape);
            GradientCheck.AssertClose(GradientCheck.Elements(Case, expected, input), actual.Numbers, 1e-5, $"{Case.Name}, input {input}, {where}");
        }
    }

    public void Dispose() => _numeric.Dispose();
}
