using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>Files of format 3 list every initializer as an input too; left so, the runtime would not treat them as constants.</summary>
internal static class InitializerInputs
{
    public static void Apply(ModelProto model)
    {
        GraphProto graph = model.Graph;
        var initializers = graph.Initializer.Select(static tensor => tensor.Name)
            .Concat(graph.SparseInitializer.Select(static tensor => tensor.Values.Name))
            .ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] kept = [.. graph.Input.Where(input => !initializers.Contains(input.Name))];
        graph.Input.Clear();
        graph.Input.AddRange(kept);
        // From format 4 on an initializer that is no input is a constant.
        model.IrVersion = Math.Max(model.IrVersion, 4);
    }
}
