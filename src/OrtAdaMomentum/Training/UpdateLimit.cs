using System.Numerics.Tensors;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Keeps the parameters in a ball around those that training began with: after a step that leaves it they are moved back onto its surface along the
/// straight line (projected gradient descent). Whatever the samples say, the model stays that near to what it was.
/// </summary>
internal sealed unsafe class UpdateLimit : IDisposable
{
    private readonly FlatBuffer _start;
    private readonly FlatBuffer _difference;
    private readonly VectorWidth _width;
    private readonly double _startNorm;
    private readonly double _radius;

    /// <summary>A ball around the parameters as they are now.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="maximumNorm">Its radius as a share of the Euclidean norm of all parameters together, above 0.</param>
    /// <param name="width">Vector width to measure with; the result does not depend on it.</param>
    /// <exception cref="FineTuningException">The parameters are all 0, so that a share of their norm is no distance.</exception>
    public UpdateLimit(FlatBuffer parameters, double maximumNorm, VectorWidth width)
    {
        _width = width;
        _start = new FlatBuffer(parameters.Layout);
        _difference = new FlatBuffer(parameters.Layout);
        parameters.CopyTo(_start);
        _startNorm = Norm(_start);
        _radius = maximumNorm * _startNorm;
        if (_startNorm > 0)
            return;
        Dispose();
        throw new FineTuningException("The update norm cannot be limited: all trainable parameters are 0, and the limit is a share of their norm.");
    }

    /// <summary>Moves the parameters back where they have left the ball.</summary>
    /// <returns>Their distance from the start, as a share of its norm, as it is afterwards.</returns>
    public double Apply(FlatBuffer parameters)
    {
        TensorPrimitives.Subtract(parameters.Span, _start.Span, _difference.Span);
        double distance = Norm(_difference);
        if (distance <= _radius)
            return distance / _startNorm;
        TensorPrimitives.Multiply(_difference.Span, (float)(_radius / distance), _difference.Span);
        TensorPrimitives.Add(_start.Span, _difference.Span, parameters.Span);
        return _radius / _startNorm;
    }

    public void Dispose()
    {
        _start.Dispose();
        _difference.Dispose();
    }

    private double Norm(FlatBuffer buffer) => Math.Sqrt(SquareSum.Of(_width, buffer.Pointer, buffer.Layout.Length));
}
