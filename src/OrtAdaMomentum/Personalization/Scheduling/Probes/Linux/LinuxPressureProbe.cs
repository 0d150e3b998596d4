using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>Reads the pressure stall information of <c>/proc/pressure</c>, which kernels before 4.20, and some later ones, do not have.</summary>
internal sealed class LinuxPressureProbe(LinuxFiles files) : IPressureProbe
{
    public double? ReadPercent(PressureKind kind)
    {
        string name = kind switch { PressureKind.Cpu => "cpu", PressureKind.Memory => "memory", _ => "io" };
        string? line = files.Read($"proc/pressure/{name}")?.Split('\n').FirstOrDefault(static line => line.StartsWith("some ", StringComparison.Ordinal));
        const string Label = "avg10=";
        string? value = line?.Split(' ').FirstOrDefault(static part => part.StartsWith(Label, StringComparison.Ordinal))?[Label.Length..];
        return double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent <= 100 ? percent : null;
    }
}
