using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// Brings the inputs of a graph into the official order: those of the user, then all parameters. The runtime binds parameters by their
/// place, so training and eval model declare the same ones in the same order, used or not.
/// </summary>
internal static class OfficialInputs
{
    public static void Apply(GraphProto graph, IReadOnlyList<OfficialParameter> parameters)
    {
        var names = parameters.Select(static parameter => parameter.Name).ToHashSet();
        RemoveAll(graph.Initializer, tensor => names.Contains(tensor.Name));
        RemoveAll(graph.Input, input => names.Contains(input.Name));
        foreach (var parameter in parameters)
            graph.Input.Add(TensorTypes.ToProto(parameter.Name, TensorType.Of(ElementType.Float, [.. parameter.Shape])));
    }

    private static void RemoveAll<T>(ICollection<T> list, Predicate<T> unwanted)
    {
        T[] kept = [.. list.Where(item => !unwanted(item))];
        list.Clear();
        foreach (var item in kept)
            list.Add(item);
    }
}
