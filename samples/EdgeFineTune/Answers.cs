using System.Numerics.Tensors;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>What the served model says of every digit of a set.</summary>
internal sealed record Answers(DigitSet Digits, IReadOnlyList<int> Predicted)
{
    public double Accuracy => (double)Enumerable.Range(0, Digits.Count).Count(IsRight) / Digits.Count;

    public bool IsRight(int digit) => Predicted[digit] == Digits.Label(digit);

    public static Answers Of(DigitSet digits, IPredictor predictor)
    {
        var predicted = new int[digits.Count];
        for (int digit = 0; digit < predicted.Length; digit++)
        {
            var output = predictor.Predict(new Dictionary<string, SampleTensor> { [DigitSet.Input] = digits.Image(digit) }).Output;
            predicted[digit] = TensorPrimitives.IndexOfMax(output.Values<float>());
        }

        return new Answers(digits, predicted);
    }
}
