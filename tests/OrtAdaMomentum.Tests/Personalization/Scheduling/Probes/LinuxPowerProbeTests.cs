using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxPowerProbeTests : IDisposable
{
    private const string Supplies = "sys/class/power_supply";

    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_machine_without_supplies_is_on_ac_power() => Assert.Equal(new PowerReading(true, null, false), Read());

    [Fact]
    public void A_laptop_that_is_plugged_in_is_on_ac_power()
    {
        Laptop(online: "1", status: "Not charging", capacity: "80");
        Assert.Equal(new PowerReading(true, 80, true), Read());
    }

    [Fact]
    public void A_laptop_that_is_not_plugged_in_is_on_its_battery()
    {
        Laptop(online: "0", status: "Discharging", capacity: "37");
        Assert.Equal(new PowerReading(false, 37, true), Read());
    }

    [Fact]
    public void A_machine_charged_over_one_of_several_usb_ports_is_on_ac_power()
    {
        Battery("BAT0", "Charging", "55");
        _tree.With($"{Supplies}/ucsi-source-psy-USBC000:001", ("type", "USB"), ("online", "0"));
        _tree.With($"{Supplies}/ucsi-source-psy-USBC000:002", ("type", "USB"), ("online", "1"));
        _tree.With($"{Supplies}/ucsi-source-psy-USBC000:003", ("type", "USB"), ("online", "0"));
        Assert.Equal(new PowerReading(true, 55, true), Read());
    }

    [Fact]
    public void Ports_of_a_desktop_that_nothing_is_plugged_into_do_not_put_it_on_a_battery()
    {
        _tree.With($"{Supplies}/ucsi-source-psy-USBC000:001", ("type", "USB"), ("online", "0"));
        Assert.Equal(new PowerReading(true, null, false), Read());
    }

    [Fact]
    public void The_battery_of_a_mouse_is_not_the_machines()
    {
        _tree.With($"{Supplies}/hidpp_battery_0", ("type", "Battery"), ("scope", "Device"), ("status", "Discharging"), ("capacity", "5"));
        Assert.Equal(new PowerReading(true, null, false), Read());
    }

    [Fact]
    public void The_charge_of_several_batteries_is_their_mean_and_a_missing_one_does_not_count()
    {
        Battery("BAT0", "Not charging", "100");
        Battery("BAT1", "Discharging", "20");
        _tree.With($"{Supplies}/BAT2", ("type", "Battery"), ("present", "0"), ("capacity", "0"));
        Assert.Equal(new PowerReading(false, 60, true), Read());
    }

    [Fact]
    public void Charge_is_taken_from_energy_where_no_percentage_is_given()
    {
        _tree.With($"{Supplies}/BAT0", ("type", "Battery"), ("status", "Discharging"), ("energy_now", "12000000"), ("energy_full", "48000000"));
        Assert.Equal(new PowerReading(false, 25, true), Read());
    }

    [Theory]
    [InlineData("Full", true)]
    [InlineData("Discharging", false)]
    [InlineData("Unknown", null)]
    [InlineData("", null)]
    public void Without_a_plug_to_ask_the_battery_tells(string status, bool? onAcPower)
    {
        Battery("battery", status, "90");
        Assert.Equal(onAcPower, Read().OnAcPower);
    }

    [Theory]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("140")]
    [InlineData("-3")]
    [InlineData("99999999999999999999")]
    public void A_capacity_that_is_none_is_unknown(string capacity)
    {
        Laptop(online: "what", status: "Discharging", capacity);
        Assert.Equal(new PowerReading(false, null, true), Read());
    }

    private void Laptop(string online, string status, string capacity)
    {
        _tree.With($"{Supplies}/AC", ("type", "Mains"), ("online", online));
        Battery("BAT0", status, capacity);
    }

    private void Battery(string name, string status, string capacity) =>
        _tree.With($"{Supplies}/{name}", ("type", "Battery"), ("present", "1"), ("status", status), ("capacity", capacity));

    private PowerReading Read() => Assert.NotNull(new LinuxPowerProbe(_tree.Files).Read());
}
