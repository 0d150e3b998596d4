using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>A model of one input <c>z</c> and one activation, with a loss attached and differentiated with respect to the input.</summary>
internal sealed class LossGraph
{
    private const string Gradient = "gradient of z";

    private LossGraph(ModelProto model, AttachedLoss attached)
    {
        Model = model;
        Attached = attached;
    }

    public ModelProto Model { get; }

    public AttachedLoss Attached { get; }

    /// <summary>Operators of the model after the loss was attached and what it does not need removed.</summary>
    public IEnumerable<string> Operators => Model.Graph.Node.Select(static node => node.OpType);

    /// <summary>The same with the kernels that it is offered; null where there are none.</summary>
    public LossGraph? WithKernels()
    {
        var replaced = Model.Clone();
        return KernelSubstitution.Apply(replaced, KernelRegistry.Computes) ? new LossGraph(replaced, Attached) : null;
    }

    /// <summary>A model that ends with an operator over the last axis.</summary>
    public static LossGraph Build(Loss loss, string activation, params Dimension[] shape) => Build(loss, activation, -1, shape);

    /// <summary>A model that ends with an operator over the given axis, where it takes one.</summary>
    public static LossGraph Build(Loss loss, string activation, int axis, Dimension[] shape) =>
        Build(Ending(activation, axis, shape), new ArtifactOptions { Loss = loss });

    /// <summary>Any model with an input <c>z</c>.</summary>
    public static LossGraph Build(ModelProto model, ArtifactOptions options)
    {
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var attached = LossAttachment.Attach(builder, options);
        var gradients = new Differentiator(builder, options.Gradients, 21).Differentiate([(attached.Start.Value.Name, attached.Start.Gradient)], ["z"]);
        model.Graph.Output.Clear();
        builder.AddOutput(attached.Loss, "loss");
        builder.AddOutput(gradients["z"], Gradient);
        UnusedNodes.Remove(model.Graph);
        KernelOffers.Write(model, builder.Offers, new Dictionary<string, string>());
        return new LossGraph(model, attached);
    }

    public static ModelProto Ending(string activation, int axis, params Dimension[] shape) => new ModelBuilder()
        .Input("z", new TensorType(ElementType.Float, [.. shape]))
        .Node(activation, ["z"], ["y"], activation is "Softmax" or "LogSoftmax" ? [("axis", axis)] : [])
        .Output("y").Build();

    public (float Value, float[] Gradient) Run(float[] prediction, long[] shape, Array target, long[] targetShape)
    {
        var feeds = new Dictionary<string, (Array, long[])> { ["z"] = (prediction, shape), [Attached.Target.Name] = (target, targetShape) };
        using var session = CaseSession.Open(Model, feeds, optimize: false);
        var outputs = session.Run();
        Assert.Empty(outputs["loss"].Shape);
        Assert.Equal(shape, outputs[Gradient].Shape);
        return (Assert.Single(outputs["loss"].Floats), outputs[Gradient].Floats);
    }
}
