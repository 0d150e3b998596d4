namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>The value of an attribute in a table of cases: a number, a text or a list of integers, written as a literal.</summary>
[System.Runtime.CompilerServices.CollectionBuilder(typeof(CaseAttribute), nameof(Of))]
internal readonly record struct CaseAttribute(object Value) : IEnumerable<long>
{
    public static implicit operator CaseAttribute(long value) => new(value);

    public static implicit operator CaseAttribute(string value) => new(value);

    public static CaseAttribute Of(ReadOnlySpan<long> values) => new(values.ToArray());

    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)(long[])Value).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
