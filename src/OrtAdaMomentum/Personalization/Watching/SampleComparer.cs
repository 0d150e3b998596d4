using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Asks labelled samples of a version and of its parent. Where both are asked the same, wrong labels and a world that has changed count against both.
/// The parent's session lives as long as the version is watched, from the first sample on.
/// </summary>
internal sealed class SampleComparer(ModelRegistry registry, ModelServer server, ILogger logger)
{
    private ServedModel? _parent;
    private string? _unusable;

    /// <summary>The scores; null where they could not be had, or another version is served meanwhile.</summary>
    public ScorePair? Compare(SampleSchema schema, ModelVersion version, Sample sample)
    {
        try
        {
            if (version.Parent == _unusable || ParentOf(version) is not { } parent)
                return null;
            using var lease = server.Acquire();
            if (lease.Version.Id != version.Id)
                return null;
            return Score(schema, lease.Session, sample) is { } own && Score(schema, parent.Session, sample) is { } before
                    ? new ScorePair(own, before)
                    : null;
        }
        catch (Exception error) when (error is OnnxRuntimeException or FineTuningException or InvalidOperationException)
        {
            // Not for every sample again.
            _unusable = version.Parent;
            GateLog.SampleNotScored(logger, error);
            return null;
        }
    }

    /// <summary>The score of the answer that a version gives; null where it cannot be had, or the version is neither the served one nor its parent.</summary>
    public double? Score(SampleSchema schema, ModelVersion version, string answeredBy, Sample sample)
    {
        try
        {
            using var lease = server.Acquire();
            if (lease.Version.Id != version.Id || answeredBy == _unusable)
                return null;
            if (answeredBy == version.Id)
                return Score(schema, lease.Session, sample);
            return answeredBy == version.Parent && ParentOf(version) is { } parent ? Score(schema, parent.Session, sample) : null;
        }
        catch (Exception error) when (error is OnnxRuntimeException or FineTuningException or InvalidOperationException)
        {
            _unusable = answeredBy;
            GateLog.SampleNotScored(logger, error);
            return null;
        }
    }

    /// <summary>Ends the parent's session.</summary>
    public void Release()
    {
        _parent?.Release();
        (_parent, _unusable) = (null, null);
    }

    private static double? Score(SampleSchema schema, InferenceSession session, Sample sample) =>
        AnswerScore.Of(schema, Predictor.Answer(session, sample.Inputs)[schema.Output], sample.Target!);

    private ServedModel? ParentOf(ModelVersion version)
    {
        if (_parent?.Version.Id == version.Parent)
            return _parent;
        Release();
        return version.Parent is { } id && registry.Find(id) is { } parent ? _parent = server.Load(parent, givesWay: true) : null;
    }
}
