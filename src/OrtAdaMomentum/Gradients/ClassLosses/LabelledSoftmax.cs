namespace OrtAdaMomentum.Gradients.ClassLosses;

/// <summary>
/// A softmax of which a loss reads the logarithms at labels, and perhaps their sum over all classes. No tensor of the scores' size is
/// written that says where the labels are.
/// </summary>
internal sealed class LabelledSoftmax
{
    private readonly SymbolicTensor _scores;
    private readonly LabelIndices _labels;
    private readonly SymbolicTensor? _classWeights;
    private readonly SymbolicTensor? _greatest;
    private readonly SymbolicTensor? _sum;

    /// <summary>A softmax of scores.</summary>
    /// <param name="scores">Scores, of whatever size.</param>
    /// <param name="labels">The label of each position.</param>
    /// <param name="readsAll">Whether <see cref="OfAll"/> is going to be read.</param>
    /// <param name="classWeights">Weights of the classes there, of a shape that broadcasts to that of the scores; null where all are 1.</param>
    public LabelledSoftmax(SymbolicTensor scores, LabelIndices labels, bool readsAll, SymbolicTensor? classWeights)
    {
        var graph = scores.Graph;
        (_scores, _labels, _classWeights) = (scores, labels, classWeights);
        Logarithms = graph.Node("LogSoftmax", [scores], scores.Type, ("axis", (long)labels.Axis));
        _greatest = graph.OfferedValue("Greatest", OfLabel.Type);
        _sum = graph.OfferedValue("Sum", OfLabel.Type);
        graph.Offer(
            "LabelLogProbability", [scores, labels.Indices, readsAll ? classWeights : null], [OfLabel, _greatest, _sum, readsAll ? OfAll : null],
            ("axis", (long)labels.Axis));
    }

    /// <summary>A softmax whose logarithms are there already.</summary>
    public LabelledSoftmax(SymbolicTensor logarithms, LabelIndices labels) => (_scores, _labels, Logarithms) = (logarithms, labels, logarithms);

    public SymbolicTensor Logarithms { get; }

    /// <summary>The logarithm at each label.</summary>
    public SymbolicTensor OfLabel => _labels.Pick(Logarithms);

    /// <summary>The weighted sum of the logarithms of all classes.</summary>
    public SymbolicTensor OfAll =>
        (_classWeights is null ? Logarithms : Logarithms * _classWeights).ReduceSum([_labels.Axis], keepDimensions: true);

    /// <summary>
    /// The gradient of the scores where the loss falls by <paramref name="ofLabel"/> for each unit of the logarithm at the label and by
    /// <paramref name="ofAll"/> for each unit of the weighted sum: softmax × share, less those.
    /// </summary>
    /// <param name="share">What the loss falls by when all logarithms of a position grow by one; a scalar where that is the same for all.</param>
    /// <param name="ofLabel">As said, one for each label, or a scalar.</param>
    /// <param name="ofAll">As said; null where the loss does not read the sum.</param>
    public SymbolicTensor Gradient(SymbolicTensor share, SymbolicTensor ofLabel, SymbolicTensor? ofAll)
    {
        var soft = Logarithms.Exp() * share;
        if (ofAll is not null)
            soft -= _classWeights is null ? ofAll : ofAll * _classWeights;
        return _labels.Put(soft, _labels.Pick(soft) - ofLabel).OrBy(
            "LabelledSoftmaxBackward",
            [_scores, _labels.Indices, share, ofLabel, ofAll, ofAll is null ? null : _classWeights, _greatest, _sum],
            ("axis", (long)_labels.Axis));
    }
}
