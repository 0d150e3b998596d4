namespace OrtAdaMomentum.Personalization;

/// <summary>Reads <c>/sys/class/power_supply</c>.</summary>
internal sealed class LinuxPowerProbe(LinuxFiles files) : IPowerProbe
{
    private const string Folder = "sys/class/power_supply";

    public PowerReading? Read()
    {
        bool? plugged = null;
        var batteries = new List<(string? Status, double? Percent)>();
        foreach (string name in files.Names(Folder))
        {
            string supply = $"{Folder}/{name}";
            // The batteries of mice and headsets are listed too.
            if (files.Read($"{supply}/scope") == "Device")
                continue;
            switch (files.Read($"{supply}/type"))
            {
                case "Mains" or "USB" or "Wireless" when files.ReadNumber($"{supply}/online") is { } online:
                    // 2: a programmable supply is plugged in.
                    plugged = plugged == true || online is 1 or 2;
                    break;
                case "Battery" or "UPS" when files.ReadNumber($"{supply}/present") != 0:
                    batteries.Add((files.Read($"{supply}/status"), Percent(supply)));
                    break;
            }
        }

        if (batteries.Count == 0)
            return new PowerReading(OnAcPower: true, BatteryPercent: null, HasBattery: false);
        double[] known = [.. batteries.Select(static battery => battery.Percent).OfType<double>()];
        return new PowerReading(IsFed(plugged, batteries), known.Length == 0 ? null : known.Average(), HasBattery: true);
    }

    private static bool? IsFed(bool? plugged, List<(string? Status, double? Percent)> batteries)
    {
        // A battery that is charged says more than a plug: some machines list ports that nothing is plugged into.
        if (plugged == true || batteries.Exists(static battery => battery.Status == "Charging"))
            return true;
        if (plugged == false || batteries.Exists(static battery => battery.Status == "Discharging"))
            return false;
        return batteries.Exists(static battery => battery.Status is "Full" or "Not charging") ? true : null;
    }

    private double? Percent(string supply)
    {
        if (files.ReadNumber($"{supply}/capacity") is { } capacity)
            return capacity is >= 0 and <= 100 ? capacity : null;
        foreach (string kind in new[] { "energy", "charge" })
        {
            if (files.ReadNumber($"{supply}/{kind}_now") is >= 0 and long now && files.ReadNumber($"{supply}/{kind}_full") is > 0 and long full)
                return Math.Min(100, 100.0 * now / full);
        }

        return null;
    }
}
