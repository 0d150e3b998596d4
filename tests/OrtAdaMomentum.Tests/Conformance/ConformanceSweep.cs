namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>
/// Every model of the ONNX standard's own tests that has a floating-point path from an input to an output and that ONNX Runtime loads: its
/// gradients against differences of its forward pass. What is not checked stands in <see cref="ConformanceTable"/> with its reason.
/// </summary>
[Trait("Category", "Conformance")]
public class ConformanceSweep
{
    private const int LeastChecked = 750;

    public static IEnumerable<TheoryDataRow<string>> Models() => ConformanceData.Folder is null
        ? [new TheoryDataRow<string>("none") { Skip = ConformanceData.Missing }]
        : ConformanceData.Names.Select(static name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_equal_differences_or_the_table_says_why_not(string name)
    {
        var outcome = Examination.Of(name);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.ToString());
        if (ConformanceTable.Exclusions.FirstOrDefault(entry => entry.Covers(name)) is { } exclusion)
        {
            Assert.True(
                outcome.Kind == exclusion.Kind,
                $"{name} is excluded as {exclusion.Kind} ({exclusion.Reason}), but the outcome is {outcome.Kind}: {outcome.Message}");
            return;
        }

        if (outcome.Kind is OutcomeKind.NoTensors or OutcomeKind.NoFloatInput or OutcomeKind.NoFloatOutput or OutcomeKind.WithoutRule)
            return;
        Assert.True(outcome.IsRight, $"{name}: {outcome.Kind}: {outcome.Message}");
        Assert.True(
            (outcome.Kind == OutcomeKind.AgreesOnZero) == ConformanceTable.Zeros.Any(entry => entry.Covers(name)),
            $"{name}: {outcome.Kind} is not what the table of zero gradients says.");
        Assert.True(
            (outcome.Kinks > 0) == ConformanceTable.Kinks.Any(entry => entry.Covers(name)),
            $"{name}: {outcome.Kinks} elements at kinks are not what the table of kinks says.");
    }

    [Fact]
    public void No_model_falls_out_of_the_sweep()
    {
        Assert.SkipWhen(ConformanceData.Folder is null, ConformanceData.Missing);
        var counts = ConformanceData.Names.CountBy(static name => Examination.Of(name).Kind).ToDictionary();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", counts.OrderBy(static pair => pair.Key)));
        // Counted in version 1.12.0 of the data.
        Assert.Equal(1072, ConformanceData.Names.Count);
        Assert.Equal((22, 146, 83), (counts[OutcomeKind.NoTensors], counts[OutcomeKind.NoFloatInput], counts[OutcomeKind.NoFloatOutput]));
        Assert.InRange(counts[OutcomeKind.Agrees] + counts[OutcomeKind.AgreesOnZero], LeastChecked, ConformanceData.Names.Count);
    }

    [Fact]
    public void Every_entry_of_the_table_covers_a_model()
    {
        Assert.SkipWhen(ConformanceData.Folder is null, ConformanceData.Missing);
        IEnumerable<TableEntry> entries =
        [
            .. ConformanceTable.Exclusions, .. ConformanceTable.Zeros, .. ConformanceTable.Kinks, .. ConformanceTable.SinglePrecision,
            .. ConformanceTable.Fixed.Select(static item => new TableEntry(item.Models, item.Input)),
        ];
        Assert.All(entries, static entry => Assert.True(ConformanceData.Names.Any(entry.Covers), $"{entry.Models} covers no model."));
    }
}
