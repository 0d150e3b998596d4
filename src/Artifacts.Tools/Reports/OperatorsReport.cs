using OrtAdaMomentum.Gradients.Coverage;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>operators</c>.</summary>
/// <param name="WithGradient">Operators of the ONNX standard that a gradient passes.</param>
/// <param name="Differentiable">Operators of the ONNX standard that vary smoothly with an input.</param>
/// <param name="Operators">Every operator.</param>
internal sealed record OperatorsReport(int WithGradient, int Differentiable, IReadOnlyList<OperatorCoverageJson> Operators)
{
    public static OperatorsReport Of(IReadOnlyList<OperatorCoverage> coverage)
    {
        var standard = coverage.Where(static item => item.Domain.Length == 0).ToList();
        return new OperatorsReport(
            standard.Count(static item => item.HasGradient),
            standard.Count(static item => item.IsDifferentiable),
            [.. coverage.Select(static item => new OperatorCoverageJson(item.Name, item.Domain, Name(item.Support), item.FirstOpset, item.LastOpset, item.Note))]);
    }

    private static string Name(OperatorSupport support) => support switch
    {
        OperatorSupport.Rule => "rule",
        OperatorSupport.WrittenOut => "written out",
        OperatorSupport.Specialised => "when static",
        OperatorSupport.Zero => "zero",
        OperatorSupport.NonDifferentiable => "none",
        OperatorSupport.Integers => "integers",
        _ => "impossible",
    };
}

/// <summary>Gradient: <c>rule</c>, <c>written out</c>, <c>when static</c>, <c>zero</c>, <c>none</c>, <c>integers</c> or <c>impossible</c>.</summary>
internal sealed record OperatorCoverageJson(string Name, string Domain, string Gradient, int FirstOpset, int LastOpset, string Note);
