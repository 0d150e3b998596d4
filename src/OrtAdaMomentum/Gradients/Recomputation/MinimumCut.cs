namespace OrtAdaMomentum.Gradients.Recomputation;

/// <summary>
/// A directed network and its minimum cut between two nodes, by Dinic's algorithm (E. A. Dinic, 1970): shortest augmenting paths, all
/// of one length at a time.
/// </summary>
internal sealed class MinimumCut
{
    /// <summary>The capacity of an edge that must not be cut.</summary>
    public const long Unlimited = long.MaxValue / 4;

    private readonly List<List<int>> _edgesOf = [];
    private readonly List<int> _heads = [];
    private readonly List<long> _left = [];

    /// <summary>Adds a node, and gives its number.</summary>
    public int AddNode()
    {
        _edgesOf.Add([]);
        return _edgesOf.Count - 1;
    }

    /// <summary>Adds an edge and, without capacity, its reverse.</summary>
    public void AddEdge(int from, int to, long capacity)
    {
        _edgesOf[from].Add(_heads.Count);
        _heads.Add(to);
        _left.Add(capacity);
        _edgesOf[to].Add(_heads.Count);
        _heads.Add(from);
        _left.Add(0);
    }

    /// <summary>The nodes on the sink's side of the minimum cut that lies nearest to the sink.</summary>
    public bool[] SinkSide(int source, int sink)
    {
        while (Levels(source, sink) is { } levels)
        {
            var next = new int[_edgesOf.Count];
            while (Augment(source, sink, levels, next))
            {
            }
        }

        // What can still send to the sink. An edge's reverse is its neighbour in the list.
        var side = new bool[_edgesOf.Count];
        var waiting = new Stack<int>([sink]);
        side[sink] = true;
        while (waiting.TryPop(out int node))
        {
            foreach (int edge in _edgesOf[node])
            {
                int other = _heads[edge];
                if (!side[other] && _left[edge ^ 1] > 0)
                {
                    side[other] = true;
                    waiting.Push(other);
                }
            }
        }

        return side;
    }

    /// <summary>Distances from the source over edges with capacity left; null when the sink cannot be reached.</summary>
    private int[]? Levels(int source, int sink)
    {
        var levels = new int[_edgesOf.Count];
        Array.Fill(levels, -1);
        levels[source] = 0;
        var waiting = new Queue<int>([source]);
        while (waiting.TryDequeue(out int node))
        {
            foreach (int edge in _edgesOf[node])
            {
                if (_left[edge] > 0 && levels[_heads[edge]] < 0)
                {
                    levels[_heads[edge]] = levels[node] + 1;
                    waiting.Enqueue(_heads[edge]);
                }
            }
        }

        return levels[sink] < 0 ? null : levels;
    }

    /// <summary>Sends along one path of rising levels. Without recursion: paths are as long as models are deep.</summary>
    private bool Augment(int source, int sink, int[] levels, int[] next)
    {
        var path = new List<int>();
        int node = source;
        while (node != sink)
        {
            if (next[node] < _edgesOf[node].Count)
            {
                int edge = _edgesOf[node][next[node]];
                if (_left[edge] > 0 && levels[_heads[edge]] == levels[node] + 1)
                {
                    path.Add(edge);
                    node = _heads[edge];
                }
                else
                {
                    next[node]++;
                }
            }
            else if (path.Count == 0)
            {
                return false;
            }
            else
            {
                node = _heads[path[^1] ^ 1];
                path.RemoveAt(path.Count - 1);
                next[node]++;
            }
        }

        long amount = path.Min(edge => _left[edge]);
        foreach (int edge in path)
        {
            _left[edge] -= amount;
            _left[edge ^ 1] += amount;
        }

        return true;
    }
}
