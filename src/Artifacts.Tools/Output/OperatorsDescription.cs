using OrtAdaMomentum.Tools.Reports;
using static System.FormattableString;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>The list of operators as Markdown, for people to read in a terminal or in the documentation.</summary>
internal static class OperatorsDescription
{
    public static IEnumerable<string> Lines(OperatorsReport report)
    {
        foreach (string line in Introduction(report))
            yield return line;
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

    private static string[] Introduction(OperatorsReport report) =>
    [
        "# Operators and their gradients",
        string.Empty,
        Invariant($"{report.WithGradient} of the {report.Differentiable} operators of the ONNX standard that vary smoothly with an input have a gradient."),
        "The opsets are those of models that are taken; the command `ort-artifacts operators` prints this list.",
        string.Empty,
        "| gradient | meaning |",
        "|---|---|",
        "| rule | passes by a formula |",
        "| written out | passes: the operator is written with others that have a rule, where a gradient has to pass it |",
        "| when static | passes once a constant has decided what takes the operator's place |",
        "| zero | constant between steps |",
        "| none | gives integers, booleans, texts, shapes, constants or random numbers |",
        "| integers | computes with quantised integers: no gradient passes, and one that would have to is reported |",
        "| impossible | does not pass; generation says so, with the node |",
    ];

    private static string Opsets(OperatorCoverageJson item) =>
        item.FirstOpset == item.LastOpset ? Invariant($"{item.FirstOpset}") : Invariant($"{item.FirstOpset}–{item.LastOpset}");
}
