using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Watching;

public class ScoreWindowTests
{
    [Fact]
    public void Only_the_latest_scores_count()
    {
        var window = new ScoreWindow<double>([new(1, null), new(1, 7), new(1, null)]);
        for (int report = 0; report < 4; report++)
            window.Add(0, 5);
        Assert.Equal(new FeedbackSummary(5, 0.2), window.Summary());
        Assert.False(window.Has(7));
    }

    [Fact]
    public void A_sample_has_one_score_the_one_that_came_last()
    {
        var window = new ScoreWindow<double>([]);
        window.Add(1, 3, sample: 7);
        window.Add(0.5, 3, sample: 8);
        window.Add(0.25, 3, sample: 7);
        Assert.Equal([0.25, 0.5], window.Scores);

        // It goes when its place is the oldest, and counts as another one after that.
        window.Add(0, 2);
        Assert.Equal([0.5, 0.0], window.Scores);
        window.Add(1, 3, sample: 7);
        Assert.Equal([0.5, 0.0, 1.0], window.Scores);
        Assert.Equal([8UL, null, 7UL], window.Marked.Select(static score => score.Sample));
    }

    [Fact]
    public void What_is_known_of_samples_is_there_again_when_it_was_kept()
    {
        var before = new WatchEvidence();
        WatchEvidence.Of(before.Labels, "version").Add(1, 10, before.MarkOf("sample"));
        before.Samples.Add(new ScorePair(1, 0), 10, before.MarkOf("other"));
        before.Seen = new EvidenceCounts(1, 2, 3);

        var same = WatchEvidence.Of(before.ToState("version", null, null), isSameVersion: true);
        Assert.True(same.Labels["version"].Has(same.MarkOf("sample")));
        Assert.True(same.Samples.Has(same.MarkOf("other")));
        Assert.Equal(before.Seen, same.Seen);

        var next = WatchEvidence.Of(before.ToState("version", null, null), isSameVersion: false);
        Assert.Equal((1, 0, default), (next.Labels["version"].Count, next.Samples.Count, next.Seen));
    }

    [Fact]
    public void The_mark_of_a_sample_does_not_tell_its_key() =>
        Assert.NotEqual(new WatchEvidence().MarkOf("ann"), new WatchEvidence().MarkOf("ann"));
}
