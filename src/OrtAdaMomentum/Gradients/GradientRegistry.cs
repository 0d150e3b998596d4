using System.Collections.Frozen;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <summary>The gradient rules by operator, the operators that are written out first, and those through which no gradient flows.</summary>
public sealed class GradientRegistry
{
    private readonly FrozenDictionary<(string Domain, string OperatorType), GradientRule> _rules;
    private readonly FrozenDictionary<(string Domain, string OperatorType), Composition> _compositions;
    private readonly FrozenDictionary<(string Domain, string OperatorType), OperatorWithoutGradient> _without;

    private GradientRegistry(IEnumerable<GradientRule> rules, IEnumerable<Composition> compositions, IEnumerable<OperatorWithoutGradient> without)
    {
        _rules = rules.ToFrozenDictionary(static rule => (rule.Domain, rule.OperatorType));
        _compositions = compositions.ToFrozenDictionary(static composition => (composition.Domain, composition.OperatorType));
        _without = without.ToFrozenDictionary(static item => (item.Domain, item.OperatorType));
    }

    /// <summary>All rules of this library.</summary>
    public static GradientRegistry Default { get; } =
        new(Rules.All, Gradients.Compositions.All, WithoutGradient.All);

    /// <summary>The rules, in no order.</summary>
    public IReadOnlyCollection<GradientRule> All => _rules.Values;

    /// <summary>The operators that are written out with others, in no order.</summary>
    public IReadOnlyCollection<Composition> Compositions => _compositions.Values;

    /// <summary>This registry with one more rule, which takes the place of what there was for the same operator.</summary>
    public GradientRegistry With(GradientRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var others = Except((rule.Domain, rule.OperatorType));
        return new GradientRegistry(others._rules.Values.Append(rule), others._compositions.Values, others._without.Values);
    }

    /// <summary>This registry with one more composition, which takes the place of what there was for the same operator.</summary>
    public GradientRegistry With(Composition composition)
    {
        ArgumentNullException.ThrowIfNull(composition);
        var others = Except((composition.Domain, composition.OperatorType));
        return new GradientRegistry(others._rules.Values, others._compositions.Values.Append(composition), others._without.Values);
    }

    /// <summary>The rule of an operator, or null.</summary>
    public GradientRule? Find(string operatorType, string domain = "") => _rules.GetValueOrDefault((OnnxDomains.Canonical(domain), operatorType));

    /// <summary>How an operator is written out with others, or null.</summary>
    public Composition? FindComposition(string operatorType, string domain = "") =>
        _compositions.GetValueOrDefault((OnnxDomains.Canonical(domain), operatorType));

    /// <summary>Whether a gradient flows through the operator: it has a rule, or is written out with others.</summary>
    public bool IsDifferentiable(string operatorType, string domain = "") =>
        Find(operatorType, domain) is not null || FindComposition(operatorType, domain) is not null;

    /// <summary>Whether the operator's outputs do not vary smoothly with its inputs, so that no gradient flows through it.</summary>
    public bool IsNonDifferentiable(string operatorType, string domain = "") =>
        Without(operatorType, domain)?.Support is OperatorSupport.NonDifferentiable or OperatorSupport.Zero;

    /// <summary>Why there is no rule for an operator; null for one that has a rule or is not known.</summary>
    internal OperatorWithoutGradient? Without(string operatorType, string domain) =>
        _without.GetValueOrDefault((OnnxDomains.Canonical(domain), operatorType));

    internal IReadOnlyList<int> SteeringInputs(string operatorType, string domain) =>
        Find(operatorType, domain)?.SteeringInputs ?? FindComposition(operatorType, domain)?.SteeringInputs ?? [];

    private GradientRegistry Except((string, string) key) => new(
        _rules.Values.Where(rule => (rule.Domain, rule.OperatorType) != key),
        _compositions.Values.Where(composition => (composition.Domain, composition.OperatorType) != key),
        _without.Values.Where(other => (other.Domain, other.OperatorType) != key));
}
