using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>The class of a sample, for choices that balance classes.</summary>
internal static class SampleClass
{
    /// <summary>
    /// The target where it is the index of a class; otherwise, or where it is not known, null. A tensor with axes is not one, since it may be a sequence of a
    /// single class among longer ones.
    /// </summary>
    public static long? Of(SampleTensor? target) =>
        target switch
        {
            { ElementType: ElementType.Int64, Shape.Count: 0 } => target.Values<long>()[0],
            { ElementType: ElementType.Int32, Shape.Count: 0 } => target.Values<int>()[0],
            _ => null,
        };
}
