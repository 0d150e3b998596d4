using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Personalization;

/// <summary>The class of a sample, for choices that balance classes.</summary>
internal static class SampleClass
{
    /// <summary>The target where it is the index of a class; otherwise, or where it is not known, null.</summary>
    public static long? Of(SampleTensor? target) =>
        target switch
        {
            { ElementType: ElementType.Int64, Bytes.Length: sizeof(long) } => target.Values<long>()[0],
            { ElementType: ElementType.Int32, Bytes.Length: sizeof(int) } => target.Values<int>()[0],
            _ => null,
        };
}
