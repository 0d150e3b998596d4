using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>The gradients of a step, which a training model of the official layout gives or is made to give.</summary>
[Collection(nameof(OfficialBackendTests))]
public sealed class RawGradientsTests
{
    [Fact]
    public void Gradients_that_the_artifacts_give_already_are_taken_as_they_are()
    {
        var artifacts = TinyTask.Artifacts(new ArtifactOptions { Layout = ArtifactLayout.Official, Official = new OfficialLayoutOptions { RawGradients = true } });

        var model = RawGradients.AddTo(artifacts.TrainingModel, artifacts.Manifest.Trainable);

        Assert.True(model.Equals(artifacts.TrainingModel));
        var options = new FineTuningOptions { Backend = TrainingBackend.Official, OfficialRuntime = static files => new EmulatedTraining(files) };
        using var session = new FineTuningSession(artifacts, options);
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), [0, 1, 2, 3, 4, 5, 6, 7]);
        session.TrainStep(batch);
        Assert.Contains(session.Gradients.Span.ToArray(), static value => value != 0);
    }

    [Fact]
    public void A_training_model_without_a_gradient_of_a_parameter_is_refused()
    {
        var artifacts = TinyTask.Artifacts();

        var problem = Assert.Throws<FineTuningException>(() => RawGradients.AddTo(artifacts.TrainingModel, artifacts.Manifest.Trainable));

        Assert.Contains("no gradient of 'body.weight'", problem.Message, StringComparison.Ordinal);
    }
}
