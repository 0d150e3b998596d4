using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Compares the types that rules state for the values they write with those that ONNX Runtime infers.</summary>
internal static class TypeClaims
{
    /// <summary>Fails where a stated element type, rank or extent contradicts what the runtime knows, in the graphs inside nodes too.</summary>
    public static void Verify(ModelProto model, GraphBuilder builder) => Verify(builder, RuntimeTypes.Infer(model));

    private static void Verify(GraphBuilder builder, IReadOnlyDictionary<string, TensorType> inferred)
    {
        foreach (var node in builder.Graph.Node)
        {
            foreach (string name in node.Output.Where(name => name.Length > 0 && inferred.ContainsKey(name)))
            {
                var (claimed, actual) = (builder.Value(name).Type, inferred[name]);
                Assert.True(Agree(claimed, actual), $"{node.OpType} '{name}': the rule states {claimed}, ONNX Runtime infers {actual}.");
            }

            foreach (var inner in SubGraphs.Of(node))
            {
                if (builder.Bodies.FirstOrDefault(body => body.Graph == inner) is { } body)
                    Verify(body, Infer(body));
            }
        }
    }

    private static IReadOnlyDictionary<string, TensorType> Infer(GraphBuilder body) =>
        BodyTypes.Infer(
            body.Graph, [.. body.Graph.Input.Select(input => body.Value(input.Name).Type)], name => body.Value(name).Type, body.InitializerOf);

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
