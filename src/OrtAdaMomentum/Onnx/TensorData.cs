using System.Globalization;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Reads and makes the tensors stored in model files.</summary>
internal static partial class TensorData
{
    /// <summary>Number of elements of a stored tensor.</summary>
    /// <exception cref="OnnxModelException">A dimension is negative or the product overflows.</exception>
    public static long ElementCount(TensorProto tensor) => ElementCount(tensor.Dims, tensor.Name);

    /// <summary>Number of elements of a shape; <paramref name="name"/> is for the message.</summary>
    /// <exception cref="OnnxModelException">A dimension is negative or the product overflows.</exception>
    public static long ElementCount(IEnumerable<long> shape, string name)
    {
        // An axis of 0 makes the product 0 wherever it stands, but must not hide an overflow of the others.
        long count = 1;
        bool empty = false;
        foreach (long extent in shape)
        {
            if (extent < 0)
                throw new OnnxModelException($"Tensor '{name}' has the negative dimension {extent.ToString(CultureInfo.InvariantCulture)}.");
            if (extent == 0)
                empty = true;
            else if (count > long.MaxValue / extent)
                throw new OnnxModelException($"Tensor '{name}' has more elements than can be counted: [{string.Join(", ", shape)}].");
            else
                count *= extent;
        }

        return empty ? 0 : count;
    }

    /// <summary>The elements of a tensor of any numeric type as singles.</summary>
    public static float[] ToFloats(TensorProto tensor) => Numbers<float>(tensor);

    /// <summary>The elements of a tensor of any numeric type as doubles.</summary>
    public static double[] ToDoubles(TensorProto tensor) => Numbers<double>(tensor);

    /// <summary>The elements of a tensor of integers or booleans as 64-bit integers.</summary>
    public static long[] ToLongs(TensorProto tensor)
    {
        RequireIntegers(tensor);
        return Numbers<long>(tensor);
    }

    /// <summary>The elements of a tensor of integers or booleans as 32-bit integers; one that does not fit is an error.</summary>
    public static int[] ToInts(TensorProto tensor)
    {
        RequireIntegers(tensor);
        try
        {
            return Numbers<int>(tensor);
        }
        catch (OverflowException error)
        {
            throw new OnnxModelException($"Tensor '{tensor.Name}' has an element that does not fit into 32 bits.", error);
        }
    }

    /// <summary>The elements of a tensor of booleans.</summary>
    public static bool[] ToBools(TensorProto tensor)
    {
        if ((ElementType)tensor.DataType != ElementType.Bool)
            throw Unexpected(tensor, "booleans");
        return Array.ConvertAll(Numbers<byte>(tensor), static value => value != 0);
    }

    private static void RequireIntegers(TensorProto tensor)
    {
        if ((ElementType)tensor.DataType is not (ElementType.Int64 or ElementType.Int32 or ElementType.Int16 or ElementType.Int8
            or ElementType.UInt64 or ElementType.UInt32 or ElementType.UInt16 or ElementType.UInt8 or ElementType.Bool))
            throw Unexpected(tensor, "integers");
    }

    private static OnnxModelException Unexpected(TensorProto tensor, string wanted) =>
        new($"Tensor '{tensor.Name}' should hold {wanted} but has element type {(ElementType)tensor.DataType}.");
}
