using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;
using Kind = OrtAdaMomentum.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>
/// The optimizer model of the official runtime: one of its own optimizers over sequences of tensors. The runtime accepts no other operator in
/// its place, and asks for the inputs in this order.
/// </summary>
internal static class OfficialOptimizerModel
{
    private const string Rate = "learning_rate", Step = "step", Parameters = "params", Gradients = "gradients";

    private const string FirstMoments = "first_order_moments", SecondMoments = "second_order_moments";

    public static ModelProto Build(OfficialLayoutOptions options)
    {
        var graph = new GraphProto { Name = "optimizer" };
        graph.Input.Add(TensorTypes.ToProto(Rate, TensorType.Of(ElementType.Float, 1)));
        graph.Input.Add(TensorTypes.ToProto(Step, TensorType.Of(ElementType.Int64, 1)));
        foreach (string name in new[] { Parameters, Gradients, FirstMoments })
            graph.Input.Add(Sequence(name));

        string gradients = Gradients;
        if (options.MaximumGradientNorm is { } norm)
        {
            gradients = "clipped_gradients";
            var clip = Node("InplaceClipGradNorm", [Gradients], gradients);
            clip.Attribute.Add(Number("max_norm", norm));
            clip.Attribute.Add(new AttributeProto { Name = "norm_type", Type = Kind.String, S = ByteString.CopyFromUtf8("fro") });
            graph.Node.Add(clip);
        }

        if (options.Optimizer == OfficialOptimizer.AdamW)
        {
            graph.Input.Add(Sequence(SecondMoments));
            graph.Node.Add(AdamW(gradients, options));
        }
        else
        {
            graph.Node.Add(Node("SGDOptimizerV2", [Rate, Parameters, gradients], "update_completed"));
        }

        // Of the flag only the type is declared: the operators' own inference gives it another rank than the official generator does.
        graph.Output.Add(TensorTypes.ToProto(graph.Node[^1].Output[0], new TensorType(ElementType.Bool, null)));
        var model = new ModelProto { IrVersion = OfficialOpsets.IrVersion, ProducerName = "OrtAdaMomentum", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = OfficialOpsets.Standard });
        OfficialOpsets.Declare(model);
        return model;
    }

    private static NodeProto AdamW(string gradients, OfficialLayoutOptions options)
    {
        var node = Node("AdamWOptimizer", [Rate, Step, Parameters, gradients, FirstMoments, SecondMoments], "updated_flag");
        node.Attribute.Add(Number("alpha", options.AdamW.Beta1));
        node.Attribute.Add(Number("beta", options.AdamW.Beta2));
        node.Attribute.Add(Number("epsilon", options.AdamW.Epsilon));
        node.Attribute.Add(Number("weight_decay", options.AdamW.WeightDecay));
        // Mode 0 is PyTorch's AdamW, mode 1 that of Hugging Face, where epsilon is added before the correction.
        return node.With("correct_bias", options.AdamW.CorrectsBias ? 1 : 0).With("adam_mode", options.AdamW.Form == AdamWForm.HuggingFace ? 1 : 0);
    }

    private static NodeProto Node(string operatorType, string[] inputs, string output) =>
        new() { OpType = operatorType, Domain = OnnxDomains.Microsoft, Name = operatorType, Input = { inputs }, Output = { output } };

    private static AttributeProto Number(string name, double value) => new() { Name = name, Type = Kind.Float, F = (float)value };

    private static ValueInfoProto Sequence(string name) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            SequenceType = new TypeProto.Types.Sequence
            {
                ElemType = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } },
            },
        },
    };
}
