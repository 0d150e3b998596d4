using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Losses;

/// <summary>
/// All alignments of a batch of targets with time. The states of a target are its labels with a blank before, between and behind them; an
/// alignment stays in a state, goes on to the next, or skips a blank between two different labels. Everything is in logarithms.
/// </summary>
internal sealed class CtcAlignment
{
    // Stands for the logarithm of 0: far below any sum of logarithms, and still a number, so that differences of two are one.
    private const double Never = -1e30;

    private readonly GraphBuilder _graph;
    private readonly SymbolicTensor _logProbabilities;
    private readonly SymbolicTensor _lengths;
    private readonly SymbolicTensor? _counts;
    private readonly SymbolicTensor _states;
    private readonly SymbolicTensor _places;
    private readonly SymbolicTensor _skip;
    private readonly SymbolicTensor _classes;
    private readonly SymbolicTensor _emissions;
    private readonly SymbolicTensor _forward;
    private readonly SymbolicTensor _logLikelihood;
    private readonly SymbolicTensor _weights;

    /// <param name="logits">[time, batch, class].</param>
    /// <param name="target">[batch, longest target], negative numbers behind each target.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="withInputLengths">Whether the first column of the target is the number of time steps that count.</param>
    public CtcAlignment(SymbolicTensor logits, SymbolicTensor target, long blank, bool withInputLengths)
    {
        _graph = logits.Graph;
        _logProbabilities = _graph.Node("LogSoftmax", [logits], logits.Type, ("axis", -1L));
        var labels = target;
        if (withInputLengths)
        {
            labels = target.Slice(1, 1, long.MaxValue);
            _counts = Time().IsLessThan(target.Slice(1, 0, 1).Unsqueeze(0));
        }

        var isLabel = Not(labels.IsLessThan(0));
        _lengths = isLabel.Cast(ElementType.Int64).ReduceSum([1], keepDimensions: true);

        // State s is label s / 2 where s is odd, and a blank where it is even.
        var one = _graph.Scalar(1, ElementType.Int64);
        var count = labels.ExtentOf(1).Squeeze(0) * 2 + 1;
        _places = _graph.CountTo(count, Dimension.Unknown);
        var half = _places / 2;
        var isOdd = (_places - half * 2).IsEqualTo(one);
        var known = isLabel.Choose(labels, labels.Like(blank));
        var table = Pad(known, [0, 0, 0, 1], known.Like(blank));
        var perState = new TensorType(ElementType.Int64, [labels.Shape[0], Dimension.Unknown]);
        _states = isOdd.Choose(_graph.Node("Gather", [table, half], perState, ("axis", 1L)), known.Like(blank)).WithType(perState);

        var two = Pad(_states, [0, 2, 0, 0], _states.Like(blank)).Slice(1, 0, -2);
        var maySkip = Not(_states.IsEqualTo(_states.Like(blank))).And(Not(_states.IsEqualTo(two)));
        var score = new TensorType(logits.ElementType, perState.Shape);
        _skip = maySkip.Choose(logits.Like(0), logits.Like(Never)).WithType(score);

        var perStep = new TensorType(ElementType.Int64, [logits.Shape[0], .. perState.Shape!]);
        var steps = SymbolicTensor.Concat(0, logits.ExtentOf(0), _graph.Integers(1, 1));
        _classes = _graph.Node("Expand", [_states.Unsqueeze(0), steps], perStep);
        _emissions = _graph.Node(
            "GatherElements", [_logProbabilities, _classes], new TensorType(logits.ElementType, perStep.Shape), ("axis", 2L));

        var start = _places.IsEqualTo(_places.Like(0)).Choose(logits.Like(0), logits.Like(Never)).ExpandLike(_states).WithType(score);
        (var last, _forward) = Run(start, backwards: false);
        var end = _lengths * 2;
        var inLabel = _graph.Node("GatherElements", [last, _graph.Node("Max", [end - 1, end.Like(0)], end.Type)], Column(logits), ("axis", 1L));
        inLabel = _lengths.IsGreaterThan(0).Choose(inLabel, Never);
        var inBlank = _graph.Node("GatherElements", [last, end], Column(logits), ("axis", 1L));
        _logLikelihood = LogOfSum(inLabel, inBlank);

        // A target that does not fit is told by its likelihood; half of the stand-in separates it from every finite sum.
        var fits = _logLikelihood.IsGreaterThan(Never / 2);
        var lengths = _graph.Node("Max", [_lengths, one], _lengths.Type).Cast(logits.ElementType);
        var share = 1 / (lengths * lengths.SizeOf());
        _weights = fits.Choose(share, 0);
        Loss = -(_weights * fits.Choose(_logLikelihood, 0)).SumAll();
        Gradient = OfLogits();
    }

    /// <summary>The mean over the batch of the negative logarithm of each target's probability, in parts of its length.</summary>
    public SymbolicTensor Loss { get; }

    /// <summary>The gradient of <see cref="Loss"/> with respect to the logits: for each step the softmax less the posterior of the classes.</summary>
    public SymbolicTensor Gradient { get; }

    private SymbolicTensor OfLogits()
    {
        var zero = _skip.Like(0);
        var atEnd = _places.IsEqualTo(_lengths * 2).Or(_places.IsEqualTo(_lengths * 2 - 1));
        var (_, backward) = Run(atEnd.Choose(zero, zero.Like(Never)).WithType(_skip.Type), backwards: true);
        var posterior = (_forward + backward - _logLikelihood.Unsqueeze(0)).Exp();
        var perClass = _graph.Node(
            "ScatterElements", [_graph.ZerosLike(_logProbabilities), _classes, posterior], _logProbabilities.Type, ("axis", 2L), ("reduction", "add"));
        var gradient = (_logProbabilities.Exp() - perClass) * _weights.Unsqueeze(0);
        return (_counts is null ? gradient : _counts.Choose(gradient, 0)).WithType(_logProbabilities.Type);
    }

    /// <summary>
    /// Hands the scores of the states through time. Forwards, a step's scores hold its own emission; backwards, they hold those of the steps
    /// behind it, so that the sum of the two counts each emission once.
    /// </summary>
    private (SymbolicTensor Last, SymbolicTensor All) Run(SymbolicTensor start, bool backwards)
    {
        var scan = new ScanBuilder(_graph);
        var scores = scan.State(start);
        var emission = scan.Slice(_emissions, backwards);
        var counts = _counts is null ? null : scan.Slice(_counts, backwards);
        SymbolicTensor next;
        if (backwards)
        {
            var after = scores + emission;
            var shifted = Pad(after, [0, 0, 0, 2], after.Like(Never));
            var skipped = Pad(after + _skip, [0, 0, 0, 2], after.Like(Never));
            next = LogOfSum(after, shifted.Slice(1, 1, -1), skipped.Slice(1, 2, long.MaxValue));
        }
        else
        {
            var shifted = Pad(scores, [0, 2, 0, 0], scores.Like(Never));
            next = emission + LogOfSum(scores, shifted.Slice(1, 1, -1), shifted.Slice(1, 0, -2) + _skip);
        }

        next = (counts is null ? next : counts.Choose(next, scores)).WithType(start.Type);
        scan.Collect(backwards ? scores : next, backwards);
        var results = scan.Write(next);
        return (results.States[0], results.Collected[0]);
    }

    private SymbolicTensor Time() =>
        _graph.CountTo(_logProbabilities.ExtentOf(0).Squeeze(0), _logProbabilities.Shape[0]).Unsqueeze(1, 2);

    private TensorType Column(SymbolicTensor logits) => new(logits.ElementType, _lengths.Type.Shape);

    private static SymbolicTensor LogOfSum(params SymbolicTensor[] terms)
    {
        var most = terms[0].Graph.Node("Max", terms, terms[0].Type);
        return most + terms.Select(term => (term - most).Exp()).Aggregate(static (left, right) => left + right).Log();
    }

    private static SymbolicTensor Not(SymbolicTensor condition) => condition.Graph.Node("Not", [condition], condition.Type);

    private static SymbolicTensor Pad(SymbolicTensor value, ReadOnlySpan<long> pads, SymbolicTensor with) =>
        value.Graph.Node(
            "Pad", [value, value.Graph.Integers(pads), with],
            new TensorType(value.ElementType, [value.Shape[0], Dimension.Unknown]));
}
