using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>What happened in a run, for the table and the report.</summary>
internal sealed class RunLog
{
    public List<TrainingProgress> Steps { get; } = [];

    public CandidateDecided? Decision { get; set; }

    public VersionServed? Served { get; set; }

    /// <summary>Accuracy on the digits held out by the service, by step.</summary>
    public IEnumerable<(int Step, double Value)> Accuracy =>
        Steps.Where(static step => step.Validation?.Accuracy is not null).Select(static step => (step.Step, step.Validation!.Accuracy!.Value));

    /// <summary>Training loss by step.</summary>
    public IEnumerable<(int Step, double Value)> Loss => Steps.Select(static step => (step.Step, step.Loss));
}
