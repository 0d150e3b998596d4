namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Constants of the element type of a node's first input, which attributes never had to name.</summary>
internal static class LikeInput
{
    public static string Scalar(NodeConversion conversion, string purpose, float value)
    {
        if (conversion.InputType(0) is { ElementType: not ElementType.Undefined } type)
            return conversion.AddConstant(purpose, name => TensorData.Create(name, type.ElementType, [value], []));

        // Inside sub-graphs types are not known; the runtime knows them when it runs.
        string single = conversion.AddConstant(purpose, name => TensorData.Scalar(name, value));
        return conversion.Emit("CastLike", [single, conversion.Node.Input[0]]);
    }
}
