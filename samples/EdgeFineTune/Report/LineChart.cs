using System.Globalization;
using System.Net;
using System.Text;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Report;

/// <summary>A curve as SVG. Colours come from the page, so that the curve follows its light and dark form.</summary>
internal static class LineChart
{
    private const int Width = 640, Height = 260, Left = 52, Right = 12, Top = 12, Bottom = 32;

    private const int Ticks = 4;

    public static string Draw(string title, IReadOnlyList<(int Step, double Value)> points, Func<double, string> format)
    {
        if (points.Count == 0)
            return "<p>No values were recorded.</p>";
        var (low, high) = Range(points);
        int first = points[0].Step, last = Math.Max(points[^1].Step, first + 1);
        double X(double step) => Left + (step - first) / (last - first) * (Width - Left - Right);
        double Y(double value) => Top + (high - value) / (high - low) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">");
        for (int tick = 0; tick <= Ticks; tick++)
        {
            double value = low + (high - low) * tick / Ticks;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):F1}\" y2=\"{Y(value):F1}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(value) + 4:F1}\" text-anchor=\"end\">{format(value)}</text>");
            int step = first + (last - first) * tick / Ticks;
            string anchor = tick == Ticks ? "end" : "middle";
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(step):F1}\" y=\"{Height - 10}\" text-anchor=\"{anchor}\">{step}</text>");
        }

        svg.Append("<polyline class=\"curve\" points=\"");
        foreach (var (step, value) in points)
            svg.Append(CultureInfo.InvariantCulture, $"{X(step):F1},{Y(value):F1} ");
        svg.Append("\"/>");
        if (points.Count <= 20)
        {
            foreach (var (step, value) in points)
                svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"point\" cx=\"{X(step):F1}\" cy=\"{Y(value):F1}\" r=\"4\"/>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static (double Low, double High) Range(IReadOnlyList<(int Step, double Value)> points)
    {
        double low = points.Min(static point => point.Value), high = points.Max(static point => point.Value);
        double margin = high > low ? (high - low) * 0.05 : Math.Max(Math.Abs(high) * 0.05, 0.01);
        return (Math.Max(0, low - margin), high + margin);
    }
}
