using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class LearningRateScheduleTests
{
    [Fact]
    public void Linear_rises_over_the_warm_up_and_falls_to_zero()
    {
        LinearSchedule schedule = new(totalSteps: 10, warmupSteps: 4);

        Assert.Equal([0, 0.25, 0.5, 0.75, 1, 5.0 / 6, 4.0 / 6, 3.0 / 6, 2.0 / 6, 1.0 / 6, 0, 0], Factors(schedule, 12));
        Assert.Equal([1, 0.5, 0], Factors(new LinearSchedule(2), 3));
        Assert.Equal([0, 0.5, 0, 0], Factors(new LinearSchedule(2, 2), 4));
    }

    [Fact]
    public void Cosine_falls_to_its_minimum_and_stays()
    {
        double[] factors = Factors(new CosineSchedule(totalSteps: 6, warmupSteps: 2, minimumFactor: 0.1), 8);
        double[] expected = [0, 0.5, 1, 0.1 + (0.45 * (1 + Math.Sqrt(0.5))), 0.55, 0.1 + (0.45 * (1 - Math.Sqrt(0.5))), 0.1, 0.1];

        Assert.All(expected.Zip(factors), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Constant_stays_at_one_after_its_warm_up()
    {
        Assert.Equal([1, 1], Factors(new ConstantSchedule(), 2));
        Assert.Equal([0, 0.5, 1, 1], Factors(new ConstantSchedule(2), 4));
    }

    [Fact]
    public void Schedules_are_found_by_name_and_far_steps_are_no_problem()
    {
        foreach (string name in LearningRateSchedules.Names)
        {
            LearningRateSchedule schedule = LearningRateSchedules.Create(name.ToUpperInvariant(), 100, 10);
            Assert.Equal(name, schedule.Name);
            Assert.InRange(schedule.FactorAt(long.MaxValue), 0, 1);
            Assert.Throws<ArgumentOutOfRangeException>(() => schedule.FactorAt(-1));
        }

        string message = Assert.Throws<ArgumentException>(() => LearningRateSchedules.Create("step", 1)).Message;
        Assert.All(LearningRateSchedules.Names, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Impossible_spans_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearSchedule(5, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(5, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(5, 0, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantSchedule(-1));
    }

    private static double[] Factors(LearningRateSchedule schedule, int steps) =>
        [.. Enumerable.Range(0, steps).Select(step => schedule.FactorAt(step))];
}
