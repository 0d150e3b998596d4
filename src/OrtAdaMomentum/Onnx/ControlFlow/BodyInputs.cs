using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Declares what the bodies of loops are given, as far as it is certain: the shape of what a Loop carries may change.</summary>
internal static class BodyInputs
{
    public static void Declare(NodeProto node, KnownValues values)
    {
        if (node.Find("body")?.G is not { } body)
            return;
        for (int index = 0; index < body.Input.Count; index++)
        {
            TensorType? outside = index < node.Input.Count ? values.Type(node.Input[index]) : null;
            TensorType? inside = node.OpType switch
            {
                "Loop" when index == 0 => new TensorType(ElementType.Int64, TensorTypes.FromProto(body.Input[index].Type)?.Shape ?? []),
                "Loop" when index == 1 => new TensorType(ElementType.Bool, TensorTypes.FromProto(body.Input[index].Type)?.Shape ?? []),
                "Loop" => outside is null ? null : new TensorType(outside.ElementType, null),
                "Scan" => outside is null ? null : ScanElement(node, body, index, outside),
                _ => null,
            };
            if (inside is not null)
                body.Input[index] = TensorTypes.ToProto(body.Input[index].Name, inside);
        }
    }

    private static TensorType ScanElement(NodeProto node, GraphProto body, int index, TensorType outside)
    {
        int scanned = index - (body.Input.Count - (int)node.IntOr("num_scan_inputs", 0));
        if (scanned < 0 || outside.Shape is not { } shape)
            return outside;
        long axis = node.Ints("scan_input_axes") is { } axes && scanned < axes.Length ? axes[scanned] : 0;
        return outside with { Shape = [.. shape.Where((_, position) => position != (axis < 0 ? axis + shape.Count : axis))] };
    }
}
