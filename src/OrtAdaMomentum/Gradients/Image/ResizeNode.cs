namespace OrtAdaMomentum.Gradients.Image;

/// <summary>What a Resize node does along its axes, as far as the model tells. Positions count in its lists of sizes, scales and regions.</summary>
internal sealed class ResizeNode
{
    private readonly GradientContext _node;
    private readonly double[]? _scales;

    public ResizeNode(GradientContext node)
    {
        _node = node;
        Input = node.Input(0);
        // ONNX Runtime may know of the output only that it has as many axes.
        Output = node.Output().Type.Shape is null
            ? node.Output().WithType(new(Input.ElementType, new Onnx.Dimension[Input.Rank]))
            : node.Output();
        Rank = Input.Rank;
        Axes = node.Integers("axes") is { Length: > 0 } axes
            ? [.. axes.Select(axis => (int)(axis < 0 ? axis + Rank : axis))]
            : [.. Enumerable.Range(0, Rank)];
        IsGivenSizes = node.HasInput(3) && node.Input(3).Type.ElementCount != 0;
        _scales = IsGivenSizes ? null : node.ConstantNumbers(2);
        KeepsRatio = IsGivenSizes && Axes.Length > 1 && node.Text("keep_aspect_ratio_policy", "stretch") != "stretch";
        if (KeepsRatio && node.Integers("axes") is { } given && given.Any(static axis => axis < 0))
            throw new FineTuningException("ONNX Runtime does not resize negative axes under a keep_aspect_ratio_policy; count them from the first");
    }

    public GraphBuilder Graph => _node.Graph;

    public SymbolicTensor Input { get; }

    public SymbolicTensor Output { get; }

    public int Rank { get; }

    /// <summary>The axes that the node has parameters for.</summary>
    public int[] Axes { get; }

    /// <summary>Whether sizes are given and not scales.</summary>
    public bool IsGivenSizes { get; }

    /// <summary>Whether one scale, found among those of all axes, holds for every axis.</summary>
    public bool KeepsRatio { get; }

    public string Mode => _node.Text("mode", "nearest");

    public string Coordinates => _node.Text("coordinate_transformation_mode", "half_pixel");

    public string Rounding => _node.Text("nearest_mode", "round_prefer_floor");

    public string RatioPolicy => _node.Text("keep_aspect_ratio_policy", "stretch");

    public bool IsAntialiased => _node.Integer("antialias", 0) != 0;

    public bool Crops => Coordinates == "tf_crop_and_resize";

    public bool HasRegion => Crops && _node.HasInput(1) && _node.Input(1).Type.ElementCount != 0;

    /// <summary>Whether input and output certainly have the same shape: then the runtime copies, whatever the scales and the region.</summary>
    public bool ChangesNothing => Input.Shape.Zip(Output.Shape).All(static pair => pair.First.CertainlyEquals(pair.Second));

    /// <summary>Whether some axis certainly changes its extent.</summary>
    public bool ChangesShape =>
        Input.Shape.Zip(Output.Shape).Any(static pair => pair.First.IsStatic && pair.Second.IsStatic && pair.First.Extent != pair.Second.Extent);

    /// <summary>The scale, where it is given and known now.</summary>
    public float? Scale(int position) => _scales is { } scales ? (float)scales[position] : null;

    /// <summary>Whether an axis certainly stays as it is.</summary>
    public bool IsKept(int position)
    {
        int axis = Axes[position];
        // The runtime interpolates along the last two or three axes, or along those between the first and the last of four.
        if (Mode != "nearest" && Rank >= 4 && axis < Rank - 3)
            return true;
        return IsGivenSizes ? !KeepsRatio && Input.Shape[axis].CertainlyEquals(Output.Shape[axis]) : Scale(position) == 1;
    }

    /// <summary>One element of the input of sizes (3), scales (2), or of the region's starts and ends (1), as a list of one.</summary>
    public SymbolicTensor Parameter(int input, int position)
    {
        var list = _node.Input(input);
        return _node.ConstantNumbers(input) is { } numbers
            ? Graph.Numbers([numbers[position]], list.ElementType, 1)
            : list.Slice(0, position, position + 1).WithType(Onnx.TensorType.Of(list.ElementType, 1));
    }

    /// <summary>The attributes that say how to interpolate. What is outside the region counts as zero: its value has no gradient.</summary>
    public List<(string Name, AttributeValue Value)> Attributes()
    {
        List<(string, AttributeValue)> attributes = [("mode", Mode), ("coordinate_transformation_mode", Coordinates)];
        if (Mode == "nearest")
            attributes.Add(("nearest_mode", Rounding));
        if (Mode == "cubic")
            attributes.Add(("cubic_coeff_a", _node.Number("cubic_coeff_a", -0.75f)));
        if (_node.Integer("exclude_outside", 0) != 0)
            attributes.Add(("exclude_outside", 1L));
        if (IsAntialiased)
            attributes.Add(("antialias", 1L));
        return attributes;
    }
}
