using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.AspNetCore;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed class FailedKeysTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_address_that_sent_too_many_wrong_keys_waits_until_one_of_them_is_forgotten()
    {
        var failed = Keys(most: 3, inTotal: 100);
        for (int key = 0; key < 3; key++)
            Assert.Equal(TimeSpan.Zero, failed.Take(Address(1), isRight: false));

        Assert.Equal(TimeSpan.FromSeconds(20), failed.Take(Address(1), isRight: false));
        // The right key is not told from a wrong one meanwhile, and asking does not lengthen the wait.
        Assert.Equal(TimeSpan.FromSeconds(20), failed.Take(Address(1), isRight: true));
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(TimeSpan.FromSeconds(1), failed.Take(Address(1), isRight: true));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, failed.Take(Address(1), isRight: true));
        Assert.Equal(TimeSpan.Zero, failed.Take(Address(1), isRight: false));
        Assert.Equal(TimeSpan.FromSeconds(20), failed.Take(Address(1), isRight: false));
    }

    [Fact]
    public void The_right_key_from_another_address_is_let_in_however_many_wrong_ones_came()
    {
        var failed = Keys(most: 3, inTotal: 5);
        for (int address = 1; address <= 200; address++)
        {
            for (int key = 0; key < 10; key++)
                failed.Take(Address(address), isRight: false);
        }

        Assert.Equal(TimeSpan.Zero, failed.Take(Address(201), isRight: true));
    }

    [Fact]
    public void When_all_together_sent_too_many_an_address_has_one_try()
    {
        var failed = Keys(most: 3, inTotal: 5);
        for (int address = 1; address <= 5; address++)
            Assert.Equal(TimeSpan.Zero, failed.Take(Address(address), isRight: false));

        Assert.Equal(TimeSpan.FromSeconds(12), failed.Take(Address(1), isRight: false));
        Assert.Equal(TimeSpan.Zero, failed.Take(Address(6), isRight: false));
        Assert.Equal(TimeSpan.FromSeconds(24), failed.Take(Address(6), isRight: false));
        _time.Advance(TimeSpan.FromSeconds(24));
        Assert.Equal(TimeSpan.Zero, failed.Take(Address(6), isRight: false));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public void An_address_is_a_network_where_whoever_has_one_has_all(string one, string other, bool isSame)
    {
        var failed = Keys(most: 1, inTotal: 100);
        failed.Take(IPAddress.Parse(one), isRight: false);
        Assert.Equal(isSame, failed.Take(IPAddress.Parse(other), isRight: true) > TimeSpan.Zero);
    }

    [Fact]
    public void Memory_is_bounded_and_who_tried_most_is_remembered()
    {
        var failed = Keys(most: 3, inTotal: 1_000_000);
        for (int key = 0; key < 3; key++)
            failed.Take(IPAddress.Parse("203.0.113.1"), isRight: false);
        for (int address = 0; address < FailedKeys.MostAddresses + 500; address++)
            failed.Take(Address(address), isRight: false);

        Assert.Equal(FailedKeys.MostAddresses, failed.Addresses);
        Assert.True(failed.Take(IPAddress.Parse("203.0.113.1"), isRight: true) > TimeSpan.Zero);
        _time.Advance(Period);
        failed.Take(Address(99_999), isRight: false);
        Assert.Equal(1, failed.Addresses);
    }

    private static IPAddress Address(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private FailedKeys Keys(int most, int inTotal)
    {
        var services = new ServiceCollection();
        services.AddOptions<FineTuningWebOptions>().Configure(options =>
            (options.MaximumFailedKeys, options.MaximumFailedKeysInTotal, options.FailedKeyPeriod) = (most, inTotal, Period));
        var monitor = services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<FineTuningWebOptions>>();
        return new FailedKeys(new CurrentWebOptions(monitor, NullLogger<CurrentWebOptions>.Instance), _time);
    }
}
