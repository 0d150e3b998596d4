using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Whatever the bytes, loading gives a model or an <see cref="OnnxModelException"/>.</summary>
public class ModelLoaderFuzzTests
{
    [Fact]
    public void A_model_cut_at_any_byte()
    {
        byte[] bytes = Model();
        for (int length = 0; length < bytes.Length; length++)
            _ = TryLoad(bytes[..length]);
    }

    [Fact]
    public void A_model_with_any_bit_flipped()
    {
        byte[] bytes = Model();
        for (int position = 0; position < bytes.Length; position++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. bytes];
                damaged[position] ^= (byte)(1 << bit);
                _ = TryLoad(damaged);
            }
        }
    }

    [Fact]
    public void A_model_with_random_bytes_replaced()
    {
        byte[] bytes = Model();
        var random = new Random(5);
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = [.. bytes];
            for (int change = random.Next(1, 8); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            _ = TryLoad(damaged);
        }
    }

    [Fact]
    public void What_survives_damage_and_loading_normalises_or_is_refused()
    {
        byte[] bytes = Model();
        var random = new Random(6);
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            if (TryLoad(damaged) is not { } model)
                continue;
            try
            {
                _ = ModelNormalizer.Normalize(model.Proto, new NormalizeOptions());
            }
            catch (OnnxModelException)
            {
            }
        }
    }

    private static OnnxModel? TryLoad(byte[] bytes)
    {
        try
        {
            return OnnxModel.Load(bytes);
        }
        catch (OnnxModelException)
        {
            return null;
        }
    }

    private static byte[] Model()
    {
        GraphProto branch = new()
        {
            Name = "b",
            Node = { ModelBuilder.MakeNode("", "Add", ["h", "k"], ["b"]) },
            Initializer = { TensorData.Scalar("k", 1f) },
            Output = { TensorTypes.ToProto("b", TensorType.Of(ElementType.Float, 1, 2)) },
        };
        GraphProto other = branch.Clone();
        return new ModelBuilder(12)
            .Opset("local", 1)
            .Input("x", ElementType.Float, 1, 3)
            .Input("c", ElementType.Bool)
            .Initializer("w", OrtRun.Random(6), 3, 2)
            .Node("Constant", [], ["k0"], ("value", TensorData.Create("v", [1f, 2f], 2)))
            .Node("local", "F", ["x", "w"], ["h"], ("alpha", 0.5f))
            .Node("If", ["c"], ["i"], ("then_branch", branch), ("else_branch", other))
            .Node("Add", ["i", "k0"], ["a"])
            .Node("Softmax", ["a"], ["y"])
            .Function(new FunctionProto
            {
                Name = "F",
                Domain = "local",
                Input = { "a", "b" },
                Output = { "c" },
                Attribute = { "alpha" },
                OpsetImport = { new OperatorSetIdProto { Version = 12 } },
                Node = { ModelBuilder.MakeNode("", "MatMul", ["a", "b"], ["m"]), ModelBuilder.MakeNode("", "Relu", ["m"], ["c"]) },
            })
            .Output("y")
            .ToBytes();
    }
}
