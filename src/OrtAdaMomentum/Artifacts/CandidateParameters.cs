using System.Buffers.Binary;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>
/// Tells parameters from the other constants of a model: single-precision tensors with at least one axis that some operator uses as a
/// weight. Scalars (exponents, epsilons, scale factors of attention), running statistics, attention masks and tensors that only steer an
/// operator are not.
/// </summary>
internal static class CandidateParameters
{
    private static readonly HashSet<string> LookedThrough = ["Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten"];

    private static readonly Dictionary<string, int[]> NotWeights = new()
    {
        ["BatchNormalization"] = [3, 4],
        ["Clip"] = [1, 2],
        ["Pow"] = [1],
        ["Pad"] = [2],
        ["Dropout"] = [1, 2],
        ["QuantizeLinear"] = [1],
        ["NegativeLogLikelihoodLoss"] = [2],
        ["SoftmaxCrossEntropyLoss"] = [2],
    };

    /// <summary>What a mask adds to a score that shall not count is no smaller in magnitude than this.</summary>
    private const float MaskedScore = -1e4f;

    /// <summary>The candidates in the order of their first use.</summary>
    /// <param name="graph">The normalised graph.</param>
    /// <param name="registry">Says what operators do with their inputs.</param>
    /// <param name="steering">Tensors that only steered an operator which has since been written out.</param>
    public static IReadOnlyList<CandidateParameter> Find(GraphProto graph, GradientRegistry registry, IReadOnlySet<string> steering)
    {
        var tensors = graph.Initializer
            .Where(static tensor => tensor.DataType == (int)ElementType.Float && tensor.Dims.Count > 0 && tensor.Dims.All(static extent => extent > 0))
            .Where(tensor => !steering.Contains(tensor.Name) && !IsMask(tensor))
            .ToDictionary(static tensor => tensor.Name);
        var scales = TrainableScales(graph);
        var origin = tensors.Keys.ToDictionary(static name => name);
        var firstUse = new Dictionary<string, int>();
        for (int place = 0; place < graph.Node.Count; place++)
            Visit(graph.Node[place], place);

        return
        [
            .. firstUse.OrderBy(static pair => pair.Value)
                .Select(pair => new CandidateParameter(pair.Key, [.. tensors[pair.Key].Dims], pair.Value)),
        ];

        // What control flow that stays uses inside is a weight too, if one that no gradient may reach.
        void Visit(NodeProto node, int place)
        {
            for (int index = 0; index < node.Input.Count; index++)
            {
                if (!origin.TryGetValue(node.Input[index], out string? parameter))
                    continue;
                if (index == 0 && LookedThrough.Contains(node.OpType))
                    origin[node.Output[0]] = parameter;
                else if (IsWeight(node, index, registry) && (node.OpType != "DequantizeLinear" || scales.Contains(node.Input[index])))
                    firstUse.TryAdd(parameter, place);
            }

            foreach (var inner in SubGraphs.Of(node).SelectMany(static inside => inside.Node))
                Visit(inner, place);
        }
    }

    private static bool IsMask(TensorProto tensor)
    {
        // Looked at in place, for a weight ends the search at its first element.
        var raw = tensor.RawData.Span;
        int count = raw.Length > 0 ? raw.Length / sizeof(float) : tensor.FloatData.Count;
        bool masks = false;
        for (int index = 0; index < count; index++)
        {
            float value = raw.Length > 0 ? BinaryPrimitives.ReadSingleLittleEndian(raw[(index * sizeof(float))..]) : tensor.FloatData[index];
            if (value is not (0 or <= MaskedScore))
                return false;
            masks |= value != 0;
        }

        return masks;
    }

    /// <summary>
    /// Scales of weights that are integers. None where biases are integers too: the runtime then computes whole layers in integers and takes
    /// it that the scale of a bias is the product of the other two, which would no longer be so.
    /// </summary>
    private static HashSet<string> TrainableScales(GraphProto graph)
    {
        var types = graph.Initializer.ToDictionary(static tensor => tensor.Name, static tensor => (ElementType)tensor.DataType);
        NodeProto[] constants = [.. graph.Node.Where(node => node.OpType == "DequantizeLinear" && types.ContainsKey(node.Input[0]))];
        return constants.Any(node => types[node.Input[0]] == ElementType.Int32) ? [] : [.. constants.Select(static node => node.Input[1])];
    }

    private static bool IsWeight(NodeProto node, int input, GradientRegistry registry) =>
        !registry.IsNonDifferentiable(node.OpType, node.Domain)
        && registry.Without(node.OpType, node.Domain)?.Support != OperatorSupport.Integers
        && !(NotWeights.TryGetValue(node.OpType, out int[]? steering) && steering.Contains(input))
        && !registry.SteeringInputs(node.OpType, node.Domain).Contains(input);
}
