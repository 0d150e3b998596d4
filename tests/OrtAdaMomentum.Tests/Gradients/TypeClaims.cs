using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Compares the types that rules state for the values they write with those that ONNX Runtime infers.</summary>
internal static class TypeClaims
{
    /// <summary>Fails where a stated element type, rank or extent contradicts what the runtime knows.</summary>
    public static void Verify(ModelProto model, GraphBuilder builder)
    {
        var inferred = RuntimeTypes.Infer(model);
        foreach (var node in model.Graph.Node)
        {
            foreach (string name in node.Output.Where(name => name.Length > 0 && inferred.ContainsKey(name)))
            {
                var (claimed, actual) = (builder.Value(name).Type, inferred[name]);
                Assert.True(Agree(claimed, actual), $"{node.OpType} '{name}': the rule states {claimed}, ONNX Runtime infers {actual}.");
            }
        }
    }

    private static bool Agree(TensorType claimed, TensorType actual)
    {
        if (claimed.ElementType != actual.ElementType)
            return false;
        if (claimed.Shape is null || actual.Shape is null)
            return true;
        return claimed.Shape.Count == actual.Shape.Count
            && claimed.Shape.Zip(actual.Shape).All(static pair => !pair.First.IsStatic || !pair.Second.IsStatic || pair.First == pair.Second);
    }
}
