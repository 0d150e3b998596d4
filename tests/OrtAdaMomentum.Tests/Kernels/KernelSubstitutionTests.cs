using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Kernels;

public class KernelSubstitutionTests
{
    private static readonly Func<OfferedNode, bool> Some = static offer => offer.Operator is "Known" or "Second";

    [Fact]
    public void A_node_that_is_offered_takes_the_place_of_all_that_only_its_value_needed()
    {
        var model = Chain();
        Offer(model, Kernel("Known", ["x"], "c"));

        Assert.True(KernelSubstitution.Apply(model, Some));

        Assert.Equal(["Known", "Neg"], model.Graph.Node.Select(static node => node.OpType));
        Assert.Contains(model.OpsetImport, static import => import.Domain == OnnxDomains.Kernels);
    }

    [Fact]
    public void Nodes_whose_values_others_read_stay()
    {
        var model = Chain();
        model.Graph.Output.Add(TensorTypes.ToProto("b", TensorType.Of(ElementType.Float, 2)));
        Offer(model, Kernel("Known", ["x"], "c"));

        Assert.True(KernelSubstitution.Apply(model, Some));

        Assert.Equal(["Abs", "Exp", "Known", "Neg"], model.Graph.Node.Select(static node => node.OpType).Order());
    }

    [Fact]
    public void An_operator_that_cannot_be_run_leaves_the_model_as_it_was()
    {
        var model = Chain();
        Offer(model, Kernel("Unknown", ["x"], "c"));
        var before = model.Clone();

        Assert.False(KernelSubstitution.Apply(model, Some));

        Assert.Equal(before, model);
    }

    [Fact]
    public void What_only_kernels_pass_to_each_other_comes_with_them()
    {
        var model = Chain();
        Offer(model, Kernel("Known", ["x"], "kept", "b"), Kernel("Second", ["kept"], "d"));

        Assert.True(KernelSubstitution.Apply(model, Some));

        // Nobody reads b any more, so it is not computed either.
        Assert.Equal(["Known", "Second"], model.Graph.Node.Select(static node => node.OpType));
        Assert.Equal(["kept", ""], model.Graph.Node[0].Output);
    }

    [Fact]
    public void An_offer_that_reads_what_no_kernel_computes_is_passed_over()
    {
        var model = Chain();
        Offer(model, Kernel("Unknown", ["x"], "kept"), Kernel("Second", ["kept"], "d"));

        Assert.False(KernelSubstitution.Apply(model, Some));
    }

    [Fact]
    public void Offers_whose_values_the_simplified_model_lost_are_not_written()
    {
        var model = Chain();
        Offer(model, Kernel("Known", ["gone"], "c"), Kernel("Second", ["x"], "gone too"));

        Assert.Empty(model.MetadataProps);
    }

    [Fact]
    public void An_offer_is_judged_by_the_types_of_what_it_reads()
    {
        var model = Chain();
        Offer(model, [TensorTypes.ToProto("x", TensorType.Of(ElementType.Float, 2))], Kernel("Known", ["x"], "c"));

        Assert.False(KernelSubstitution.Apply(model, static offer => offer.InputShape(0) is not [{ Extent: 2 }]));
        Assert.True(KernelSubstitution.Apply(model, static offer => offer.InputShape(0) is [{ Extent: 2 }]));
    }

    [Fact]
    public void Without_offers_the_very_bytes_come_back()
    {
        byte[] bytes = Google.Protobuf.MessageExtensions.ToByteArray(Chain());

        Assert.True(KernelSubstitution.Apply(bytes, KernelRegistry.Wins).Equals(new ReadOnlyMemory<byte>(bytes)));
    }

    /// <summary>x - Abs - Exp - Sqrt - Neg - d.</summary>
    private static ModelProto Chain() => new ModelBuilder()
        .Input("x", ElementType.Float, 2)
        .Node("Abs", ["x"], ["a"]).Node("Exp", ["a"], ["b"]).Node("Sqrt", ["b"], ["c"]).Node("Neg", ["c"], ["d"])
        .Output("d").Build();

    private static NodeProto Kernel(string operatorType, string[] inputs, params string[] outputs)
    {
        var node = new NodeProto { OpType = operatorType, Domain = OnnxDomains.Kernels };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        return node;
    }

    private static void Offer(ModelProto model, params NodeProto[] nodes) => Offer(model, [], nodes);

    private static void Offer(ModelProto model, ValueInfoProto[] types, params NodeProto[] nodes)
    {
        var offers = new GraphProto { Name = "offers" };
        offers.ValueInfo.AddRange(types);
        offers.Node.AddRange(nodes);
        KernelOffers.Write(model, offers, new Dictionary<string, string>());
    }
}
