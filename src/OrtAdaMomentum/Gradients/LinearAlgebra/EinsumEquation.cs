using System.Globalization;

namespace OrtAdaMomentum.Gradients.LinearAlgebra;

/// <summary>An equation of Einsum with a letter of its own for every axis: none implied, none behind an ellipsis.</summary>
/// <param name="Inputs">The letters of each operand's axes.</param>
/// <param name="Output">The letters of the result's axes.</param>
internal sealed record EinsumEquation(IReadOnlyList<string> Inputs, string Output)
{
    private const string Ellipsis = "...";
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Reads an equation for operands of the given ranks.</summary>
    public static EinsumEquation Parse(string equation, IReadOnlyList<int> ranks)
    {
        string[] sides = equation.Replace(" ", string.Empty, StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        if (terms.Length != ranks.Count || sides.Length > 2)
            throw new FineTuningException($"its equation '{equation}' does not fit its {ranks.Count} inputs");

        int hidden = terms.Select((term, index) => term.Contains(Ellipsis, StringComparison.Ordinal) ? ranks[index] - (term.Length - Ellipsis.Length) : 0).Max();
        string free = new([.. Letters.Where(letter => !sides[0].Contains(letter, StringComparison.Ordinal))]);
        if (hidden > free.Length)
            throw new FineTuningException(string.Create(CultureInfo.InvariantCulture, $"its equation '{equation}' needs more than {Letters.Length} letters"));
        string batch = free[..hidden];

        string[] inputs = [.. terms.Select(term => term.Replace(Ellipsis, batch, StringComparison.Ordinal))];
        return new EinsumEquation(inputs, sides.Length == 2 ? sides[1].Replace(Ellipsis, batch, StringComparison.Ordinal) : Implied(terms, batch));
    }

    /// <summary>Without an arrow: the axes behind the ellipsis, then the letters that occur once, in alphabetical order.</summary>
    private static string Implied(string[] terms, string batch) =>
        batch + new string(
            [
                .. string.Concat(terms).Where(static letter => letter != '.').GroupBy(static letter => letter)
                    .Where(static group => group.Count() == 1).Select(static group => group.Key).Order(),
            ]);
}
