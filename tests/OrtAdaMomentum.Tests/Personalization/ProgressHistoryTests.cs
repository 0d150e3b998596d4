using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class ProgressHistoryTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(100_000)]
    public void A_run_of_any_length_leaves_a_bounded_number_of_points_spread_over_all_of_it(int steps)
    {
        var history = new ProgressHistory();
        for (int step = 1; step <= steps; step++)
            history.Add(FakeEngine.Step(step));

        var points = history.Points.Select(static point => point.Step).ToList();
        Assert.InRange(points.Count, Math.Min(steps, ProgressHistory.Capacity / 2), ProgressHistory.Capacity);
        Assert.InRange(points[0], 1, Math.Max(1, steps / 128));
        Assert.InRange(points[^1], steps - Math.Max(0, steps / 128), steps);
        Assert.Equal(points.Order(), points);
    }

    [Fact]
    public void Measured_steps_stay_when_others_are_thinned_out()
    {
        var history = new ProgressHistory();
        for (int step = 1; step <= 5000; step++)
            history.Add(FakeEngine.Step(step) with { Validation = step % 999 == 0 ? new Evaluation(0.5, 0.9, 10) : null });

        Assert.Equal([999, 1998, 2997, 3996, 4995], history.Points.Where(static point => point.Validation is not null).Select(static point => point.Step));
    }

    [Fact]
    public void Another_run_begins_another_curve_and_one_that_goes_on_continues_it()
    {
        var history = new ProgressHistory();
        history.Add(FakeEngine.Step(1));
        history.Add(FakeEngine.Step(2));
        history.Add(FakeEngine.Step(7));
        Assert.Equal([1, 2, 7], history.Points.Select(static point => point.Step));

        history.Add(FakeEngine.Step(1));
        Assert.Equal([1], history.Points.Select(static point => point.Step));
    }

    [Fact]
    public void A_run_that_is_measured_after_every_step_is_bounded_too()
    {
        var history = new ProgressHistory();
        for (int step = 1; step <= 3000; step++)
            history.Add(FakeEngine.Step(step) with { Validation = new Evaluation(0.5, 0.9, 10) });

        Assert.InRange(history.Points.Count, 100, ProgressHistory.Capacity);
    }
}
