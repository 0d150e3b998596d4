using System.Globalization;
using System.Net;
using System.Text;

namespace OrtAdaMomentum.Samples.EdgeFineTune.Report;

/// <summary>A page that needs nothing but itself: the figures, the curves, and digits that were wrong before and are right now.</summary>
internal static class HtmlReport
{
    private const int ShownDigits = 24;

    public static string Write(Summary summary, RunLog log, Answers before, Answers after, IReadOnlyDictionary<string, int> answersByVersion)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.html")
            ?? throw new InvalidOperationException("The page's template is not in the program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var page = new StringBuilder(reader.ReadToEnd());
        void Put(string name, string html) => page.Replace("{{" + name + "}}", html);

        Put("decision", summary.Promoted ? "The tuned model is served" : "The base model stayed");
        Put("reason", WebUtility.HtmlEncode(log.Decision!.Decision.Reason));
        Put("base_new", Percent(summary.BaseNew));
        Put("tuned_new", Percent(summary.TunedNew));
        Put("base_old", Percent(summary.BaseOld));
        Put("tuned_old", Percent(summary.TunedOld));
        Put("steps", summary.Steps.ToString(CultureInfo.InvariantCulture));
        Put("seconds", summary.Seconds.ToString("F1", CultureInfo.InvariantCulture));
        Put("peak_mb", summary.PeakMegabytes.ToString("F0", CultureInfo.InvariantCulture));
        Put("requests", summary.Requests.ToString("N0", CultureInfo.InvariantCulture));
        Put("failed", summary.FailedRequests.ToString(CultureInfo.InvariantCulture));
        Put("versions", WebUtility.HtmlEncode(string.Join(", ", answersByVersion.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Value} by {pair.Key}"))));
        Put("loss_chart", LineChart.Draw("Training loss by step", [.. log.Loss], static value => value.ToString("0.00", CultureInfo.InvariantCulture)));
        Put("accuracy_chart", LineChart.Draw("Accuracy on held-out handwriting by step", [.. log.Accuracy], static value => value.ToString("P0", CultureInfo.InvariantCulture)));
        int[] corrected = [.. Enumerable.Range(0, before.Digits.Count).Where(digit => !before.IsRight(digit) && after.IsRight(digit))];
        Put("corrected", corrected.Length.ToString(CultureInfo.InvariantCulture));
        Put("spoiled", Enumerable.Range(0, before.Digits.Count).Count(digit => before.IsRight(digit) && !after.IsRight(digit)).ToString(CultureInfo.InvariantCulture));
        Put("digits", string.Concat(Spread(corrected).Select(digit => Figure(before, digit))));
        return page.ToString();
    }

    /// <summary>Some of the digits, taken evenly from all.</summary>
    private static IEnumerable<int> Spread(int[] digits) =>
        digits.Length <= ShownDigits ? digits : Enumerable.Range(0, ShownDigits).Select(index => digits[index * digits.Length / ShownDigits]);

    private static string Figure(Answers before, int digit)
    {
        string image = Convert.ToBase64String(GrayPng.Encode(before.Digits.Pixels(digit), DigitSet.Side));
        int label = before.Digits.Label(digit);
        return $"<figure><img src=\"data:image/png;base64,{image}\" alt=\"a handwritten {label}\" width=\"56\" height=\"56\">"
            + $"<figcaption><s>{before.Predicted[digit]}</s> {label}</figcaption></figure>";
    }

    private static string Percent(double share) => share.ToString("P2", CultureInfo.InvariantCulture);
}
