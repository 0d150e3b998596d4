using CsCheck;
using OrtAdaMomentum.Gradients.Recomputation;

namespace OrtAdaMomentum.Tests.Gradients.Recomputation;

public class MinimumCutTests
{
    [Fact]
    public void Of_two_cuts_of_one_size_the_one_nearest_to_the_sink_is_taken()
    {
        var network = new MinimumCut();
        int source = network.AddNode(), middle = network.AddNode(), sink = network.AddNode();
        network.AddEdge(source, middle, 3);
        network.AddEdge(middle, sink, 3);

        Assert.Equal([false, false, true], network.SinkSide(source, sink));
    }

    [Fact]
    public void No_cut_is_smaller()
    {
        const int Nodes = 6;
        var edge = Gen.Select(Gen.Int[0, Nodes - 1], Gen.Int[0, Nodes - 1], Gen.Long[0, 9]);
        edge.Array[0, 14].Sample(edges =>
        {
            var network = new MinimumCut();
            for (int node = 0; node < Nodes; node++)
                network.AddNode();
            foreach (var (from, to, capacity) in edges)
                network.AddEdge(from, to, capacity);
            bool[] side = network.SinkSide(0, Nodes - 1);

            long Size(Func<int, bool> sink) => edges.Where(item => !sink(item.Item1) && sink(item.Item2)).Sum(static item => item.Item3);
            long least = Enumerable.Range(0, 1 << Nodes).Where(static set => (set & 1) == 0 && (set >> (Nodes - 1)) == 1)
                .Min(set => Size(node => (set >> node & 1) == 1));
            Assert.False(side[0]);
            Assert.True(side[^1]);
            Assert.Equal(least, Size(node => side[node]));
        });
    }
}
