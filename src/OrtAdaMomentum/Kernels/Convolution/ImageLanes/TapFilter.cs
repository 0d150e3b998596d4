using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>
/// A filter as <see cref="ChannelTile"/> reads it: for each remainder of rows and columns the taps that reach it, row of taps by row of
/// taps, with the factors of a tile's channels side by side.
/// </summary>
internal unsafe struct TapFilter
{
    private TapAxis _rows;
    private TapAxis _columns;
    private int _sourceChannels;
    private int _depth;
    private float* _bias;
    private float* _factors;
    private nint* _offsets;

    /// <summary>Channels of a group that tiles compute, of which the last may not exist.</summary>
    public int Channels { get; private set; }

    /// <summary>Packs the filter.</summary>
    public static TapFilter Pack<T>(in ImageLanesConvolution.Arguments arguments, in PlaneBlocks blocks, Scratch scratch)
        where T : struct, ILanes<T>
    {
        int depth = arguments.SourceChannels * arguments.Rows.Taps * arguments.Columns.Taps;
        int channels = ChannelTile.Rounded<T>(arguments.ResultChannels);
        nint biases = Scratch.Round(arguments.Groups * channels), offsets = Scratch.Round(2 * depth);
        float* memory = scratch.Floats(biases + offsets + ((nint)arguments.Groups * channels * depth));
        TapFilter filter = new()
        {
            _rows = arguments.Rows, _columns = arguments.Columns, _sourceChannels = arguments.SourceChannels, _depth = depth,
            _bias = memory, _offsets = (nint*)(memory + biases), _factors = memory + biases + offsets, Channels = channels,
        };
        new Span<float>(memory, (int)biases).Clear();
        for (int group = 0; group < arguments.Groups; group++)
        {
            for (int channel = 0; arguments.Bias != null && channel < arguments.ResultChannels; channel++)
                memory[(group * channels) + channel] = arguments.Bias[(group * arguments.ResultChannels) + channel];
        }

        for (int rowPhase = 0; rowPhase < arguments.Rows.Phases; rowPhase++)
        {
            for (int columnPhase = 0; columnPhase < arguments.Columns.Phases; columnPhase++)
                filter.PackPhase<T>(arguments, blocks, rowPhase, columnPhase);
        }

        return filter;
    }

    /// <summary>The rows of taps through which a row of results sees the source: how many before the first, and how many.</summary>
    public readonly (int Skip, int Count) RowsOf(int row)
    {
        int phase = row % _rows.Phases, first = row / _rows.Phases * _rows.SourceStep, skip = 0, count = 0;
        for (int tap = 0; tap < _rows.Taps; tap++)
        {
            if (!_rows.Reaches(phase, tap))
                continue;
            int place = first + _rows.Offset(phase, tap);
            if (place >= 0 && place < _rows.Sources)
                count++;
            else if (count == 0)
                skip++;
        }

        return (skip, count);
    }

    /// <summary>What the tiles of a remainder multiply; the pointers to source and results are left open.</summary>
    /// <param name="rowPhase">Remainder of the row.</param>
    /// <param name="columnPhase">Remainder of the column.</param>
    /// <param name="rowsOfTaps">Those that are in the source.</param>
    /// <param name="group">The group.</param>
    /// <param name="channel">The first channel of the tile.</param>
    /// <param name="height">Channels of the tile.</param>
    public readonly ChannelTile.Operands Operands(
        int rowPhase, int columnPhase, (int Skip, int Count) rowsOfTaps, int group, int channel, int height)
    {
        var (before, rows, columns) = Phase(rowPhase, columnPhase);
        int each = columns * _sourceChannels, depth = rows * each;
        return new()
        {
            Bias = _bias + (group * Channels) + channel,
            Factors = _factors + ((((nint)group * _depth) + before) * Channels) + ((nint)channel * depth)
                + ((nint)rowsOfTaps.Skip * each * height),
            Offsets = _offsets + before + (rowsOfTaps.Skip * each),
            Taps = rowsOfTaps.Count * each,
        };
    }

    private readonly void PackPhase<T>(in ImageLanesConvolution.Arguments arguments, in PlaneBlocks blocks, int rowPhase, int columnPhase)
        where T : struct, ILanes<T>
    {
        nint* offset = Operands(rowPhase, columnPhase, (0, 0), 0, 0, 0).Offsets;
        for (int row = 0; row < _rows.Taps; row++)
        {
            for (int channel = 0; channel < _sourceChannels && _rows.Reaches(rowPhase, row); channel++)
            {
                for (int column = 0; column < _columns.Taps; column++)
                {
                    if (!_columns.Reaches(columnPhase, column))
                        continue;
                    int line = (channel * blocks.SourceRows) + _rows.Offset(rowPhase, row);
                    *offset++ = (((nint)line * blocks.SourceColumns) + _columns.Offset(columnPhase, column)) * T.Count;
                }
            }
        }

        for (int group = 0; group < arguments.Groups; group++)
        {
            int height;
            for (int channel = 0; channel < arguments.ResultChannels; channel += height)
            {
                height = ChannelTile.Height<T>(arguments.ResultChannels - channel);
                float* to = Operands(rowPhase, columnPhase, (0, 0), group, channel, height).Factors;
                PackTile(arguments, rowPhase, columnPhase, group, channel, height, to);
            }
        }
    }

    private readonly void PackTile(
        in ImageLanesConvolution.Arguments arguments, int rowPhase, int columnPhase, int group, int first, int height, float* to)
    {
        nint stride = arguments.FilterResultStride;
        int given = Math.Min(height, arguments.ResultChannels - first);
        float* from = arguments.Filter + ((nint)group * arguments.ResultChannels * _depth) + (first * stride);
        for (int row = 0; row < _rows.Taps; row++)
        {
            for (int source = 0; source < _sourceChannels && _rows.Reaches(rowPhase, row); source++)
            {
                for (int column = 0; column < _columns.Taps; column++)
                {
                    if (!_columns.Reaches(columnPhase, column))
                        continue;
                    float* tap = from + (source * arguments.FilterSourceStride) + (row * _columns.Taps) + column;
                    for (int channel = 0; channel < height; channel++)
                        *to++ = channel < given ? tap[channel * stride] : 0;
                }
            }
        }
    }

    /// <summary>Taps of the remainders before, and rows and columns of taps of one.</summary>
    private readonly (int Before, int Rows, int Columns) Phase(int rowPhase, int columnPhase)
    {
        int before = 0;
        for (int phase = 0; phase < rowPhase; phase++)
            before += _rows.TapsOf(phase) * _columns.Taps;
        int rows = _rows.TapsOf(rowPhase);
        for (int phase = 0; phase < columnPhase; phase++)
            before += rows * _columns.TapsOf(phase);
        return (before * _sourceChannels, rows, _columns.TapsOf(columnPhase));
    }
}
