namespace OrtAdaMomentum.Gradients.Coverage;

/// <summary>What becomes of a gradient that reaches an operator.</summary>
public enum OperatorSupport
{
    /// <summary>It passes: the operator has a rule.</summary>
    Rule,

    /// <summary>It passes: the operator is written out with others that have rules, before it is differentiated.</summary>
    WrittenOut,

    /// <summary>It passes once the operator has gone: a condition or count that is constant decides what takes its place.</summary>
    Specialised,

    /// <summary>It is zero: the operator is constant between steps.</summary>
    Zero,

    /// <summary>There is none: the operator gives integers, booleans, texts, shapes, constants or random numbers.</summary>
    NonDifferentiable,

    /// <summary>It does not pass: the operator computes in integers; generation reports it when a gradient would have to pass.</summary>
    Integers,

    /// <summary>It cannot pass though the operator varies smoothly; generation names the reason.</summary>
    Impossible,
}
