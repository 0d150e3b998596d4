namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Reads <c>/sys/class/thermal/thermal_zone*</c> and <c>/sys/class/hwmon/hwmon*</c>: the hottest sensor of the processor, or, where none is
/// named as one, the hottest zone.
/// </summary>
internal sealed class LinuxTemperatureProbe(LinuxFiles files) : ITemperatureProbe
{
    private const string Zones = "sys/class/thermal";
    private const string Monitors = "sys/class/hwmon";

    /// <summary>Parts of the names that drivers give to sensors of processors.</summary>
    private static readonly string[] _processorNames = ["cpu", "pkg_temp", "coretemp", "k10temp", "k8temp", "zenpower", "soc", "core"];

    public double? ReadCelsius()
    {
        double? ofProcessor = null, ofAll = null;
        foreach (string zone in files.Names(Zones).Where(static name => name.StartsWith("thermal_zone", StringComparison.Ordinal)))
        {
            double? celsius = Celsius($"{Zones}/{zone}/temp");
            ofAll = Hotter(ofAll, celsius);
            if (IsOfProcessor(files.Read($"{Zones}/{zone}/type")))
                ofProcessor = Hotter(ofProcessor, celsius);
        }

        foreach (string monitor in files.Names(Monitors).Where(monitor => IsOfProcessor(files.Read($"{Monitors}/{monitor}/name"))))
        {
            foreach (string input in files.Names($"{Monitors}/{monitor}").Where(IsTemperature))
                ofProcessor = Hotter(ofProcessor, Celsius($"{Monitors}/{monitor}/{input}"));
        }

        return ofProcessor ?? ofAll;
    }

    private static bool IsTemperature(string name) =>
        name.StartsWith("temp", StringComparison.Ordinal) && name.EndsWith("_input", StringComparison.Ordinal);

    private static bool IsOfProcessor(string? name) =>
        name is not null && Array.Exists(_processorNames, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static double? Hotter(double? one, double? other) => one > other || other is null ? one : other;

    /// <summary>Thousandths of a degree; a sensor that is switched off gives numbers that no processor has.</summary>
    private double? Celsius(string path) => files.ReadNumber(path) is { } thousandths and > -60_000 and < 200_000 and not 0 ? thousandths / 1000.0 : null;
}
