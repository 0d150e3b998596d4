using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>
/// Attention exists from 23 on; before, it is softmax(q kᵀ · scale + mask) v over heads. Where ONNX Runtime's kernel and the text of the
/// standard differ, this is what the kernel computes: a query that may look at no key gets zeros.
/// </summary>
internal sealed class Attention
{
    private static readonly long[] HeadsFirst = [0, 2, 1, 3];

    private readonly NodeConversion _conversion;
    private readonly NodeProto _node;
    private readonly TensorType _queryType;
    private readonly bool _isFlat;

    private Attention(NodeConversion conversion, TensorType queryType)
    {
        _conversion = conversion;
        _node = conversion.Node;
        _queryType = queryType;
        _isFlat = queryType.Rank == 3;
    }

    public static void WriteOut(NodeConversion conversion)
    {
        if (conversion.InputType(0) is not { Rank: 3 or 4 } queryType)
            conversion.Fail("the rank of its input is not known");
        else if (queryType.Rank == 3 && (conversion.Node.IntOr("q_num_heads", 0) <= 0 || conversion.Node.IntOr("kv_num_heads", 0) <= 0))
            conversion.Fail("it has no q_num_heads and kv_num_heads");
        else if (AttentionMask.Ambiguity(conversion) is { } reason)
            conversion.Fail(reason);
        else
            new Attention(conversion, queryType).WriteOut();
    }

    private void WriteOut()
    {
        string query = ScaledQuery();
        var (keysTransposed, headsOfKeys) = Keys();
        string values = WithPast(2, 5);
        bool grouped = !SameHeads();
        if (grouped)
            query = Regroup(query, headsOfKeys);

        string raw = _conversion.Emit("MatMul", [query, keysTransposed]);
        if (grouped)
            raw = Regroup(raw, HeadsOfQueries());
        string capped = Capped(raw);
        var mask = AttentionMask.Write(_conversion, capped, _queryType);
        string scores = mask.Added is null ? capped : _conversion.Emit("Add", [capped, mask.Added]);
        string weights = Softmax(scores);
        bool showsWeights = _conversion.HasOutput(3) && _node.IntOr("qk_matmul_output_mode", 0) == 3;
        if (showsWeights)
            weights = mask.ZeroWhereAllHidden(_conversion, weights);
        if (_conversion.HasOutput(3))
        {
            string shown = _node.IntOr("qk_matmul_output_mode", 0) switch { 0 => raw, 1 => capped, 2 => scores, _ => weights };
            _conversion.EmitAs("Identity", [shown], _node.Output[3]);
        }

        string result = _conversion.Emit("MatMul", [grouped ? Regroup(weights, headsOfKeys) : weights, values]);
        if (grouped)
            result = Regroup(result, HeadsOfQueries());
        Finish(showsWeights ? result : mask.ZeroWhereAllHidden(_conversion, result));
    }

    private void Finish(string result)
    {
        if (_isFlat)
        {
            string together = _conversion.Emit("Transpose", [result], node => node.With("perm", HeadsFirst));
            _conversion.EmitAs("Reshape", [together, _conversion.AddConstant("shape", 0, 0, -1)], _node.Output[0]);
        }
        else
        {
            _conversion.LastEmitted.Output[0] = _node.Output[0];
        }

        _conversion.Finish();
    }

    private string ScaledQuery()
    {
        string query = _isFlat ? Heads(0) : _node.Input[0];
        double? scale = _node.Find("scale") is { } given ? given.F : HeadSize() is { } size ? 1 / Math.Sqrt(size) : null;
        if (scale is { } known)
            return known == 1 ? query : _conversion.Emit("Mul", [query, Scalar("scale", known)]);
        string length = _conversion.Emit("Cast", [Extent(query, 3)], node => node.With("to", (long)_queryType.ElementType));
        return _conversion.Emit("Div", [query, _conversion.Emit("Sqrt", [length])]);
    }

    private long? HeadSize() => _queryType.Shape![^1] switch
    {
        { IsStatic: false } => null,
        var width when _isFlat => width.Extent / _node.IntOr("q_num_heads", 1),
        var width => width.Extent,
    };

    /// <summary>The keys as the right side of the product, and how many heads they have as a list of one integer.</summary>
    private (string Transposed, string Heads) Keys()
    {
        string heads = _isFlat ? _conversion.AddConstant("kv_heads", _node.IntOr("kv_num_heads", 1)) : ExtentOfInput(1, 1);
        if (_isFlat && !_conversion.HasInput(4) && !_conversion.HasOutput(1))
            return (_conversion.Emit("Transpose", [SplitHeads(1)], node => node.With("perm", [0, 2, 3, 1])), heads);
        return (_conversion.Emit("Transpose", [WithPast(1, 4)], node => node.With("perm", [0, 1, 3, 2])), heads);
    }

    private string HeadsOfQueries() => _isFlat ? _conversion.AddConstant("q_heads", _node.IntOr("q_num_heads", 1)) : ExtentOfInput(0, 1);

    private bool SameHeads() => _isFlat
        ? _node.IntOr("q_num_heads", 1) == _node.IntOr("kv_num_heads", 1)
        : _conversion.InputType(1)?.Shape is [_, var keys, ..] && keys.CertainlyEquals(_queryType.Shape![1]);

    /// <summary>Keys or values by head with those of earlier steps before them; they are also an output, when the node has it.</summary>
    private string WithPast(int input, int past)
    {
        string? output = _conversion.HasOutput(input) ? _node.Output[input] : null;
        if (_conversion.HasInput(past))
        {
            string current = _isFlat ? Heads(input) : _node.Input[input];
            return Named(output, "Concat", [_node.Input[past], current], node => node.With("axis", 2));
        }

        if (_isFlat)
            return Named(output, "Transpose", [SplitHeads(input)], node => node.With("perm", HeadsFirst));
        return output is null ? _node.Input[input] : Named(output, "Identity", [_node.Input[input]]);
    }

    private string Named(string? output, string opType, string[] inputs, Action<NodeProto>? attributes = null)
    {
        if (output is null)
            return _conversion.Emit(opType, inputs, attributes);
        _conversion.EmitAs(opType, inputs, output, attributes);
        return output;
    }

    private string Heads(int input) => _conversion.Emit("Transpose", [SplitHeads(input)], node => node.With("perm", HeadsFirst));

    /// <summary>[batch, positions, heads * size] as [batch, positions, heads, size].</summary>
    private string SplitHeads(int input)
    {
        long heads = _node.IntOr(input == 0 ? "q_num_heads" : "kv_num_heads", 1);
        long size = _conversion.InputType(input)?.Shape is [.., { IsStatic: true } width] ? width.Extent / heads : -1;
        return _conversion.Emit("Reshape", [_node.Input[input], _conversion.AddConstant("heads", 0, 0, heads, size)]);
    }

    /// <summary>The same elements by another number of heads: heads that share their keys lie one after the other, so nothing is copied.</summary>
    private string Regroup(string value, string heads)
    {
        string shape = _conversion.Emit(
            "Concat", [_conversion.AddConstant("keep", 0), heads, _conversion.AddConstant("rest", -1, 0)], node => node.With("axis", 0));
        return _conversion.Emit("Reshape", [value, shape]);
    }

    private string Capped(string scores)
    {
        float cap = _node.FloatOr("softcap", 0);
        if (cap == 0)
            return scores;
        string limit = Scalar("softcap", cap);
        return _conversion.Emit("Mul", [_conversion.Emit("Tanh", [_conversion.Emit("Div", [scores, limit])]), limit]);
    }

    private string Softmax(string scores)
    {
        var own = _queryType.ElementType;
        var wanted = (ElementType)_node.IntOr("softmax_precision", (long)own);
        // As the kernel does, never in less than the precision of the inputs.
        bool widens = wanted.IsFloatingPoint() && wanted.SizeInBytes() > own.SizeInBytes();
        string input = widens ? _conversion.Emit("Cast", [scores], node => node.With("to", (long)wanted)) : scores;
        string weights = _conversion.Emit("Softmax", [input], node => node.With("axis", -1));
        return widens ? _conversion.Emit("Cast", [weights], node => node.With("to", (long)own)) : weights;
    }

    private string Scalar(string purpose, double value) =>
        _conversion.AddConstant(purpose, name => TensorData.Create(name, _queryType.ElementType, [value], []));

    private string ExtentOfInput(int input, int axis) =>
        _conversion.InputType(input)?.Shape is { } shape && shape[axis] is { IsStatic: true } known
            ? _conversion.AddConstant("extent", known.Extent)
            : Extent(_node.Input[input], axis);

    private string Extent(string value, int axis) =>
        _conversion.Emit("Shape", [value], node => node.With("start", axis).With("end", axis + 1));
}
