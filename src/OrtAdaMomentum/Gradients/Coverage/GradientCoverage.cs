using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Opsets;

namespace OrtAdaMomentum.Gradients.Coverage;

/// <summary>What a registry does with every operator of the ONNX standard, and with those of other domains that it knows.</summary>
public static class GradientCoverage
{
    private const int MicrosoftVersion = 1;

    private const string InSequence = "the tensors of a sequence are used directly when their number and the positions are constant";

    private static readonly Dictionary<string, string> Specialised = new(StringComparer.Ordinal)
    {
        ["ConcatFromSequence"] = InSequence,
        ["If"] = "the branch is put in its place when the condition is constant, by itself or after an input was fixed; "
            + "of a choice that the data decides both branches are computed where their results have one shape",
        ["Loop"] = "unrolled when the number of iterations is constant, by itself or after an input was fixed",
        ["SequenceAt"] = InSequence,
        ["SequenceConstruct"] = InSequence,
        ["SequenceErase"] = InSequence,
        ["SequenceInsert"] = InSequence,
        ["SplitToSequence"] = InSequence,
    };

    /// <summary>The operators of the standard in order of their names, then the others.</summary>
    public static IReadOnlyList<OperatorCoverage> Of(GradientRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var others = registry.All.Select(static rule => (rule.Domain, rule.OperatorType))
            .Concat(registry.Compositions.Select(static composition => (composition.Domain, composition.OperatorType)))
            .Where(static name => name.Domain.Length > 0 || !StandardOperators.ByName.ContainsKey(name.OperatorType))
            .OrderBy(static name => name.Domain, StringComparer.Ordinal).ThenBy(static name => name.OperatorType, StringComparer.Ordinal);
        return
        [
            .. StandardOperators.ByName.Values.OrderBy(static item => item.Name, StringComparer.Ordinal).Select(item => Standard(registry, item)),
            .. others.Select(name => Known(registry, name.OperatorType, name.Domain, MicrosoftVersion, MicrosoftVersion)!),
        ];
    }

    private static OperatorCoverage Standard(GradientRegistry registry, StandardOperator item)
    {
        int first = Math.Max(item.First, OperatorTable.OldestUsable(item.Name)), last = item.Last - 1 ?? OpsetConversion.NewestOpset;
        if (Known(registry, item.Name, OnnxDomains.Standard, first, last) is { } known)
            return known;
        if (registry.Without(item.Name, OnnxDomains.Standard) is { } without)
            return new OperatorCoverage(item.Name, OnnxDomains.Standard, without.Support, first, last, without.Reason);
        if (Specialised.TryGetValue(item.Name, out string? how))
            return new OperatorCoverage(item.Name, OnnxDomains.Standard, OperatorSupport.Specialised, first, last, how);
        return OperatorTable.IsConverted(item)
            ? new OperatorCoverage(item.Name, OnnxDomains.Standard, OperatorSupport.WrittenOut, first, last, "by the opset conversion")
            : new OperatorCoverage(item.Name, OnnxDomains.Standard, OperatorSupport.Impossible, first, last, NoRule);
    }

    /// <summary>The note on an operator that nobody has thought about.</summary>
    internal const string NoRule = "there is no gradient rule for it";

    private static OperatorCoverage? Known(GradientRegistry registry, string name, string domain, int first, int last)
    {
        if (registry.Find(name, domain) is { } rule)
            return new OperatorCoverage(name, domain, OperatorSupport.Rule, first, last, Note(rule.SteeringInputs, rule.Note));
        return registry.FindComposition(name, domain) is { } composition
            ? new OperatorCoverage(name, domain, OperatorSupport.WrittenOut, first, last, Note(composition.SteeringInputs, composition.Note))
            : null;
    }

    private static string Note(IReadOnlyList<int> steering, string note)
    {
        string inputs = steering.Count switch
        {
            0 => string.Empty,
            1 => $"input {steering[0]} steers",
            _ => $"inputs {string.Join(", ", steering)} steer",
        };
        return inputs.Length > 0 && note.Length > 0 ? $"{inputs}; {note}" : inputs + note;
    }
}
