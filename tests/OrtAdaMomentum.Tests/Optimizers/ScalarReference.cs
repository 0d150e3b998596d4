using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>The update rules for one parameter in double, written as the papers write them.</summary>
internal sealed class ScalarReference
{
    private int _step;

    public double Parameter { get; set; } = 1;
    public double First { get; private set; }
    public double Second { get; private set; }
    public double MaxSecond { get; private set; }

    public void AdaMomentum(double gradient, AdaMomentumOptions o)
    {
        if (o.WeightDecayMode == WeightDecayMode.Decoupled)
            Parameter *= 1 - (o.LearningRate * o.WeightDecay);
        else
            gradient += o.WeightDecay * Parameter;
        _step++;
        First = (o.Beta1 * First) + ((1 - o.Beta1) * gradient);
        Second = (o.Beta2 * Second) + ((1 - o.Beta2) * First * First) + o.Epsilon;
        MaxSecond = Math.Max(MaxSecond, Second);
        double correction1 = 1 - Math.Pow(o.Beta1, _step), correction2 = 1 - Math.Pow(o.Beta2, _step);
        if (o.Rectify)
        {
            double most = (2 / (1 - o.Beta2)) - 1;
            double n = most - (2 * _step * Math.Pow(o.Beta2, _step) / correction2);
            if (n >= 5)
            {
                double rate = Math.Sqrt(correction2 * (n - 4) / (most - 4) * (n - 2) / n * most / (most - 2)) / correction1;
                Parameter -= o.LearningRate * rate * First / (Math.Sqrt(Second) + o.Epsilon);
            }
            else
            {
                Parameter -= o.LearningRate * First / correction1;
            }

            return;
        }

        double second = o.AmsGrad ? MaxSecond : Second;
        Parameter -= o.LearningRate / correction1 * First / (Math.Sqrt(second) / Math.Sqrt(correction2));
    }

    public void AdamW(double gradient, AdamWOptions o)
    {
        Parameter *= 1 - (o.LearningRate * o.WeightDecay);
        _step++;
        First = (o.Beta1 * First) + ((1 - o.Beta1) * gradient);
        Second = (o.Beta2 * Second) + ((1 - o.Beta2) * gradient * gradient);
        double first = First / (1 - Math.Pow(o.Beta1, _step)), second = Second / (1 - Math.Pow(o.Beta2, _step));
        Parameter -= o.LearningRate * first / (Math.Sqrt(second) + o.Epsilon);
    }

    public void Sgd(double gradient, SgdOptions o)
    {
        gradient += o.WeightDecay * Parameter;
        First = (o.Momentum * First) + gradient;
        Parameter -= o.LearningRate * (o.Nesterov ? gradient + (o.Momentum * First) : First);
    }
}
