using System.Text.Json;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Gating;

public class GateDecisionRecordTests
{
    [Fact]
    public void A_record_without_comparisons_can_still_be_read()
    {
        const string before =
            """
            {
              "id": "ab", "number": 3, "parent": "cd", "base": "cd", "created": "2026-01-01T00:00:00+00:00", "accepted": true, "reason": "better",
              "decision": {
                "promote": true, "reason": "better",
                "current": { "heldOut": { "loss": 0.7, "accuracy": 0.5, "count": 10 } },
                "candidate": { "heldOut": { "loss": "NaN", "accuracy": 0.9, "count": 10 } }
              },
              "size": 12
            }
            """;
        var version = JsonSerializer.Deserialize(before, PersonalizationJson.Default.ModelVersion)!;

        Assert.Equal(0.9, version.Decision!.Candidate.HeldOut!.Accuracy);
        Assert.Null(version.Decision.HeldOut);
    }

    [Fact]
    public void A_decision_is_stored_with_its_comparisons()
    {
        SampleScores Scores(int right) => new([.. Enumerable.Range(0, 40).Select(index => new SampleScore
        {
            Loss = 1, Answers = 1, Right = index < right ? 1 : 0, Classes = [new ClassTally(index % 2, 1, 1, index < right ? 1 : 0)],
        })]);
        var decision = Gate.Decide(new MeasuredModel(Scores(10), FakeEngine.Scores(0.9, 30)), new MeasuredModel(Scores(30), FakeEngine.Scores(0.9, 30)), new GateOptions());

        string json = JsonSerializer.Serialize(new ModelVersion
        {
            Id = "ab", Number = 1, Base = "cd", Created = DateTimeOffset.UnixEpoch, Accepted = true, Reason = decision.Reason, Decision = decision, Size = 1,
        }, PersonalizationJson.Default.ModelVersion);
        var read = JsonSerializer.Deserialize(json, PersonalizationJson.Default.ModelVersion)!.Decision!;

        Assert.Equal(decision.HeldOut!.Interval, read.HeldOut!.Interval);
        Assert.Equal(decision.HeldOut.Classes, read.HeldOut.Classes);
        Assert.Equal((GateMetric.Accuracy, 40, 0.25, 0.75), (read.HeldOut.Metric, read.HeldOut.Samples, read.HeldOut.Current, read.HeldOut.Candidate));
        Assert.Contains("\"metric\": \"Accuracy\"", json, StringComparison.Ordinal);
        Assert.Equal(30, read.Golden!.Samples);
    }
}
