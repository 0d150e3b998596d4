namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>A block of results, and the part of the source that they see.</summary>
internal readonly struct PlaneBlock
{
    public PlaneBlock(in TapAxis rows, in TapAxis columns, int firstRow, int endRow, int firstColumn, int endColumn)
    {
        (FirstRow, EndRow, FirstColumn, EndColumn) = (firstRow, endRow, firstColumn, endColumn);
        FirstSourceRow = Math.Clamp(rows.FirstSource(firstRow), 0, rows.Sources);
        EndSourceRow = Math.Clamp(rows.FirstSource(firstRow) + rows.SourcesOf(endRow - firstRow), FirstSourceRow, rows.Sources);
        FirstSourceColumn = columns.FirstSource(firstColumn);
    }

    public int FirstRow { get; }

    /// <summary>The row behind the last.</summary>
    public int EndRow { get; }

    public int FirstColumn { get; }

    /// <summary>The column behind the last.</summary>
    public int EndColumn { get; }

    /// <summary>The first row of the source that exists.</summary>
    public int FirstSourceRow { get; }

    /// <summary>The row of the source behind the last that exists.</summary>
    public int EndSourceRow { get; }

    /// <summary>The first column of the source; below 0 on padding.</summary>
    public int FirstSourceColumn { get; }

    /// <summary>Number of columns.</summary>
    public int Columns => EndColumn - FirstColumn;
}
