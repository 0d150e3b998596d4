using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>Whether the file as a whole is a model that can be worked with.</summary>
internal static class HeaderCheck
{
    /// <summary>The newest file format that the runtime reads.</summary>
    public const long NewestIrVersion = 13;

    public static void Check(ModelProto model)
    {
        if (model.IrVersion <= 0 && model.Graph is null)
            throw new OnnxModelException("This is no ONNX model: it has neither a format version nor a graph.");
        if (model.Graph is null)
            throw new OnnxModelException("The model has no graph; the file is damaged or cut short. Export it again.");
        if (model.IrVersion is < 3 or > NewestIrVersion)
        {
            throw new OnnxModelException(
                $"The model's format (IR) version is {model.IrVersion}; versions 3 to {NewestIrVersion} can be read. Export it again with another version of the exporter.");
        }

        RefuseClassicalModels(model.Graph);

        bool usesStandardOperators = model.Graph.Node.Any(OnnxDomains.IsStandard);
        if (usesStandardOperators && !OnnxDomains.Imports(model.OpsetImport).ContainsKey(OnnxDomains.Standard))
            throw new OnnxModelException("The model does not say which version of the standard operators it uses (opset_import is missing). Export it again.");
    }

    private static void RefuseClassicalModels(GraphProto graph)
    {
        string[] operators = [.. graph.Node
            .Where(static node => node.Domain == OnnxDomains.MachineLearning)
            .Select(static node => node.OpType)
            .Distinct(StringComparer.Ordinal)];
        if (operators.Length == 0)
            return;

        string kind = operators.Any(static name => name.StartsWith("TreeEnsemble", StringComparison.Ordinal))
            ? "a tree-ensemble/scikit-learn export"
            : "a scikit-learn export or another classical model";
        throw new OnnxModelException(
            $"This is {kind} (operators {string.Join(", ", operators)} of {OnnxDomains.MachineLearning}); only neural networks of float tensors can be fine-tuned.");
    }
}
