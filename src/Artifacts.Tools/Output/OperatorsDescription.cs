using OrtAdaMomentum.Tools.Reports;
using static System.FormattableString;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>The list of operators as Markdown, for people to read in a terminal or in the documentation.</summary>
internal static class OperatorsDescription
{
    public static IEnumerable<string> Lines(OperatorsReport report)
    {
        yield return Invariant($"{report.WithGradient} of the {report.Differentiable} differentiable operators of the ONNX standard have a gradient.");
        foreach (var domain in report.Operators.GroupBy(static item => item.Domain))
        {
            yield return string.Empty;
            yield return domain.Key.Length == 0 ? "## ai.onnx" : $"## {domain.Key}";
            yield return string.Empty;
            yield return "| operator | opsets | gradient | notes |";
            yield return "|---|---|---|---|";
            foreach (var item in domain)
                yield return Invariant($"| {item.Name} | {Opsets(item)} | {item.Gradient} | {item.Note.Replace("|", "\\|", StringComparison.Ordinal)} |");
        }
    }

    private static string Opsets(OperatorCoverageJson item) =>
        item.FirstOpset == item.LastOpset ? Invariant($"{item.FirstOpset}") : Invariant($"{item.FirstOpset}–{item.LastOpset}");
}
