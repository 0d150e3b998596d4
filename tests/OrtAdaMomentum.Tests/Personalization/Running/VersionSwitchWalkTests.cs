using CsCheck;
using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Running;

/// <summary>Changes of the current version in any order, with files that go wrong and restarts in between.</summary>
public sealed class VersionSwitchWalkTests
{
    private const int Keep = 2;

    private static readonly Gen<(Change Change, int Which)[]> _walks = Gen.Select(Gen.Enum<Change>(), Gen.Int[0, 5]).Array[1, 40];

    private enum Change
    {
        Promotion,
        Refusal,
        ByHand,
        RollBack,
        RollBackByWatch,
        DamageOfModel,
        LossOfRecord,
        Restart,
    }

    [Fact]
    public async Task What_is_served_is_the_current_version_which_is_accepted_and_whole_whatever_happened_before() =>
        await _walks.SampleAsync(
            static async walk =>
            {
                using var place = new Place();
                foreach (var (change, which) in walk)
                {
                    await place.DoAsync(change, which);
                    place.Check();
                }
            },
            iter: 40, threads: 2);

    private sealed class Place : IDisposable
    {
        private readonly Registries _files = new();
        private readonly FineTuningMetrics _metrics = new();
        private ModelRegistry _registry;
        private ModelServer _server;
        private VersionSwitch _switch;

        public Place() => (_registry, _server, _switch) = Start();

        public void Dispose()
        {
            Stop();
            _metrics.Dispose();
            _files.Dispose();
        }

        public async Task DoAsync(Change change, int which)
        {
            var before = _registry.Current;
            var versions = _registry.Versions;
            var picked = versions[which % versions.Count];
            try
            {
                switch (change)
                {
                    case Change.Promotion or Change.Refusal:
                        // Few different models, so that one that was left, refused or damaged comes again.
                        await _switch.SettleAsync(
                            TinyClassifier.Model(which + 1), before, Registries.Decision(change == Change.Promotion), CancellationToken.None);
                        break;
                    case Change.ByHand:
                        await _switch.PromoteAsync(picked.Id, CancellationToken.None);
                        break;
                    case Change.RollBack:
                        await _switch.RollBackAsync(CancellationToken.None);
                        break;
                    case Change.RollBackByWatch:
                        await _switch.RollBackFromAsync(before.Id, "worse", CancellationToken.None);
                        break;
                    case Change.DamageOfModel when picked.Id != before.Id:
                        File.WriteAllBytes(Path.Combine(_files.VersionFolder(picked), "model.onnx"), [1, 2, 3]);
                        break;
                    case Change.LossOfRecord when picked.Id != before.Id:
                        File.Delete(Path.Combine(_files.VersionFolder(picked), "version.json"));
                        break;
                    case Change.Restart:
                        Stop();
                        (_registry, _server, _switch) = Start();
                        Assert.Equal(before.Id, _registry.Current.Id);
                        break;
                }
            }
            catch (FineTuningException)
            {
                // A version that is damaged, or none to go back to: everything is as it was.
                Assert.Equal(before.Id, _registry.Current.Id);
            }
        }

        public void Check()
        {
            var current = _registry.Current;
            Assert.Equal(current.Id, _server.Version.Id);
            Assert.True(current.Accepted);
            Assert.NotEmpty(_registry.ReadModel(current));
            Assert.Equal(1, _server.LiveSessions);
            Assert.Contains(_registry.Versions, version => version.Id == current.Id);
            Assert.InRange(_registry.Versions.Count, 1, (2 * Keep) + 4);
            Assert.Contains(current.Id, File.ReadAllText(Path.Combine(_files.Root, "current.json")), StringComparison.Ordinal);
        }

        private (ModelRegistry Registry, ModelServer Server, VersionSwitch Switch) Start()
        {
            var registry = _files.Open(Keep);
            var server = new ModelServer(registry, 1, _metrics, Parts.Drift(_metrics, _files.Time));
            server.SwapTo(registry.Current);
            return (registry, server, new VersionSwitch(registry, server, _metrics, Parts.Monitor(_files.Time), new FakeLogger<VersionSwitch>()));
        }

        private void Stop()
        {
            _switch.Dispose();
            _server.Dispose();
        }
    }
}
