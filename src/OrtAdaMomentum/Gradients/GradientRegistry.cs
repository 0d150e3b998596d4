using System.Collections.Frozen;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <summary>The gradient rules by operator, and the operators through which no gradient flows.</summary>
public sealed class GradientRegistry
{
    private readonly FrozenDictionary<(string Domain, string OperatorType), GradientRule> _rules;
    private readonly FrozenSet<(string Domain, string OperatorType)> _constant;

    private GradientRegistry(IEnumerable<GradientRule> rules, IEnumerable<(string, string)> constant)
    {
        _rules = rules.ToFrozenDictionary(static rule => (rule.Domain, rule.OperatorType));
        _constant = constant.ToFrozenSet();
    }

    /// <summary>All rules of this library.</summary>
    public static GradientRegistry Default { get; } =
        new(Rules.All, NonDifferentiable.Operators.Select(static name => (string.Empty, name)));

    /// <summary>The rules, in no order.</summary>
    public IReadOnlyCollection<GradientRule> All => _rules.Values;

    /// <summary>This registry with one more rule, which takes the place of one for the same operator.</summary>
    public GradientRegistry With(GradientRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var key = (rule.Domain, rule.OperatorType);
        return new GradientRegistry(_rules.Values.Where(old => (old.Domain, old.OperatorType) != key).Append(rule), _constant.Where(c => c != key));
    }

    /// <summary>The rule of an operator, or null.</summary>
    public GradientRule? Find(string operatorType, string domain = "") => _rules.GetValueOrDefault((OnnxDomains.Canonical(domain), operatorType));

    /// <summary>Whether the operator's outputs do not vary smoothly with its inputs, so that no gradient flows through it.</summary>
    public bool IsNonDifferentiable(string operatorType, string domain = "") => _constant.Contains((OnnxDomains.Canonical(domain), operatorType));
}
