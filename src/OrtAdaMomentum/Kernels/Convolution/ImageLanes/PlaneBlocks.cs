namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>How planes of results are cut, so that what belongs to a block, with images side by side, stays in the nearer caches.</summary>
internal readonly struct PlaneBlocks
{
    /// <summary>Floats of a block that stays in the nearer caches.</summary>
    public const nint GreatestLength = 64 * 1024;

    /// <summary>Floats of a block that stays in the nearest cache, more or less.</summary>
    public const nint SmallLength = 16 * 1024;

    private const int FewestColumns = 16;

    private readonly TapAxis _rows;
    private readonly TapAxis _columns;

    private PlaneBlocks(in TapAxis rows, in TapAxis columns, int rowsEach, int columnsEach, int lanes)
    {
        (_rows, _columns, Rows, Columns, Lanes) = (rows, columns, rowsEach, columnsEach, lanes);
        SourceRows = Math.Min(rows.SourcesOf(rowsEach), rows.Sources);
        SourceColumns = columns.SourcesOf(columnsEach);
    }

    /// <summary>Rows of results in a block; the last ones may have fewer.</summary>
    public int Rows { get; }

    /// <summary>Columns of results in a block; the last ones may have fewer.</summary>
    public int Columns { get; }

    /// <summary>Images side by side.</summary>
    public int Lanes { get; }

    /// <summary>Most rows of the source that a block sees.</summary>
    public int SourceRows { get; }

    /// <summary>Columns of the source that a block sees, padding included.</summary>
    public int SourceColumns { get; }

    /// <summary>Floats of a channel of the source.</summary>
    public nint SourceLength => (nint)SourceRows * SourceColumns * Lanes;

    /// <summary>Floats of a channel of results, with room for a place that only fills a pair.</summary>
    public nint ResultLength => (((nint)Rows * Columns) + _columns.Phases) * Lanes;

    /// <summary>Floats behind the source that may be read, though what comes of it is not used.</summary>
    public nint SourceSlack => (nint)_columns.SourceStep * Lanes;

    /// <summary>Number of blocks of an image.</summary>
    public int Count => RowBlocks * ColumnBlocks;

    private int RowBlocks => (_rows.Results + Rows - 1) / Rows;

    private int ColumnBlocks => (_columns.Results + Columns - 1) / Columns;

    /// <summary>A block.</summary>
    public PlaneBlock this[int index] => new(
        _rows, _columns,
        index / ColumnBlocks * Rows, Math.Min(_rows.Results, ((index / ColumnBlocks) + 1) * Rows),
        index % ColumnBlocks * Columns, Math.Min(_columns.Results, ((index % ColumnBlocks) + 1) * Columns));

    /// <summary>Cuts planes.</summary>
    /// <param name="rows">From rows of the source to rows of results, more than none.</param>
    /// <param name="columns">From columns of the source to columns of results, more than none.</param>
    /// <param name="sourceChannels">Channels of the source.</param>
    /// <param name="resultChannels">Channels of the results.</param>
    /// <param name="lanes">Images side by side.</param>
    /// <param name="sought">
    /// Floats that a block shall not exceed, unless most rows of the source would then be laid side by side for several blocks.
    /// </param>
    public static PlaneBlocks Of(in TapAxis rows, in TapAxis columns, int sourceChannels, int resultChannels, int lanes, nint sought)
    {
        PlaneBlocks best = new(rows, columns, 1, columns.Results, lanes);
        while (best.Columns > FewestColumns && Length(best) > GreatestLength)
            best = new(rows, columns, 1, (best.Columns + 1) / 2, lanes);
        while (best.Rows < rows.Results)
        {
            PlaneBlocks higher = new(rows, columns, best.Rows + 1, best.Columns, lanes);
            int shared = rows.Most - rows.Least;
            if (Length(higher) > (best.SourceRows < 3 * shared ? GreatestLength : sought))
                break;
            best = higher;
        }

        int count = best.RowBlocks;
        return new(rows, columns, (rows.Results + count - 1) / count, best.Columns, lanes);

        nint Length(in PlaneBlocks blocks) => (sourceChannels * blocks.SourceLength) + (resultChannels * blocks.ResultLength);
    }
}
