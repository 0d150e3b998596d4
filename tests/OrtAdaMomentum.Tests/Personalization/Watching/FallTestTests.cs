using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Watching;

public class FallTestTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.644853627, 0.05)]
    [InlineData(1.959963985, 0.025)]
    [InlineData(3.090232306, 0.001)]
    [InlineData(4.264890794, 0.00001)]
    [InlineData(-1.281551566, 0.9)]
    public void The_tail_of_the_normal_distribution_is_that_of_the_tables(double z, double probability) =>
        Assert.Equal(probability, FallTest.UpperTail(z), 1e-7);

    [Fact]
    public void A_fall_is_judged_by_means_and_variances()
    {
        // 0.9 of 100 against 0.8 of 100: (0.1 - 0.02) / sqrt(0.09 / 99 + 0.16 / 99) = 1.592, of which the tail is 0.0557.
        Assert.Equal(0.0557, FallTest.Probability(Window(90, 100), Window(80, 100), 0.02), 5e-4);
        Assert.InRange(FallTest.Probability(Window(80, 100), Window(90, 100), 0.02), 0.95, 1);
        Assert.Equal(0, FallTest.Probability(Window(50, 50), Window(0, 50), 0.02));
        Assert.Equal(1, FallTest.Probability(Window(50, 50), Window(50, 50), 0.02));
    }

    [Fact]
    public void A_fall_on_the_same_samples_is_judged_by_the_differences()
    {
        // Of 100 samples the parent alone is right on 10 and the version alone on 2: a fall of 0.08 with variance (12 - 100 * 0.0064) / 99.
        ScorePair[] pairs = [.. Enumerable.Range(0, 100).Select(static place => new ScorePair(place is >= 10 and < 98 or >= 98 ? 1 : 0, place < 98 ? 1 : 0))];
        double error = Math.Sqrt((12 - 0.64) / 99 / 100);
        Assert.Equal(FallTest.UpperTail((0.08 - 0.02) / error), FallTest.Probability(new ScoreWindow<ScorePair>(pairs.Select(static pair => new MarkedScore<ScorePair>(pair, null))), 0.02), 1e-12);
    }

    [Fact]
    public void All_looks_together_have_the_error_of_one() =>
        Assert.InRange(Enumerable.Range(1, 100_000).Sum(static look => FallTest.ErrorOf(0.05, look)), 0.0499, 0.05);

    [Fact]
    public void A_version_as_good_as_its_parent_is_seldom_taken_for_worse_however_often_it_is_looked_at()
    {
        var random = new Random(11);
        int alarms = 0;
        const int versions = 500;
        for (int version = 0; version < versions; version++)
        {
            var parent = Window(Enumerable.Range(0, 1000).Select(_ => random.NextDouble() < 0.8 ? 1.0 : 0));
            var child = Window([]);
            for (int look = 1; look <= 20; look++)
            {
                for (int report = 0; report < 50; report++)
                    child.Add(random.NextDouble() < 0.8 ? 1 : 0, 1000);
                if (FallTest.Probability(parent, child, 0) > FallTest.ErrorOf(0.05, look))
                    continue;
                alarms++;
                break;
            }
        }

        Assert.InRange((double)alarms / versions, 0, 0.05);
    }

    private static ScoreWindow<double> Window(int right, int count) => Window(Enumerable.Range(0, count).Select(report => report < right ? 1.0 : 0));

    private static ScoreWindow<double> Window(IEnumerable<double> scores) => new(scores.Select(static score => new MarkedScore<double>(score, null)));
}
