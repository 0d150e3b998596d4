using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

/// <summary>One step of plain gradient descent over all samples of a dataset, against the mean of the gradients of each alone.</summary>
internal static class StepOverSamples
{
    /// <summary>Takes the step and compares.</summary>
    /// <param name="session">A session whose optimizer is <c>sgd</c>.</param>
    /// <param name="data">The samples.</param>
    public static async Task IsTheMeanOfThemAsync(FineTuningSession session, IDataset data)
    {
        float[] before = session.ToBuffer();
        var expected = new double[before.Length];
        double loss = 0;
        for (int sample = 0; sample < data.Count; sample++)
        {
            using var single = session.CreateBatch(data, [sample]);
            single.Fill(data, [sample]);
            loss += session.TrainStep(single) / data.Count;
            float[] gradient = new float[before.Length];
            session.Gradients.CopyToPacked(gradient);
            session.LazyResetGrad();
            for (int index = 0; index < gradient.Length; index++)
                expected[index] += gradient[index] / (double)data.Count;
        }

        int steps = 0;
        await foreach (var step in new Trainer(session).RunAsync(data, null, new TrainingPlan { BatchSize = data.Count }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(loss, step.Loss, 1e-5);
            steps++;
        }

        Assert.Equal(1, steps);
        float[] after = session.ToBuffer();
        double largest = expected.Max(Math.Abs);
        Assert.InRange(largest, 1e-3, 10);
        // The first step is the gradient times the learning rate.
        for (int index = 0; index < after.Length; index++)
            Assert.Equal(expected[index], (before[index] - after[index]) / session.GetLearningRate(), 1e-4 * largest);
    }
}
