using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Threading;

namespace OrtAdaMomentum.Personalization;

/// <summary>Serves one version and exchanges it for another without a request noticing.</summary>
internal sealed class ModelServer(ModelRegistry registry, int threads, FineTuningMetrics metrics, DriftMonitor drift) : IModelServer, IDisposable
{
    // One thread for all: the C library's memory would be spread over the places that it keeps for each new one.
    private readonly Lazy<WorkThread> _opening = new(static () => new WorkThread("open a version", static work =>
    {
        LowPriority.TakeForThisThread(LowPriority.Awaited);
        work();
    }));

    private ServedModel? _current;
    private int _liveSessions;
    private volatile bool _plansMemory = true;
    private bool _disposed;

    /// <summary>Sessions that are not disposed.</summary>
    public int LiveSessions => Volatile.Read(ref _liveSessions);

    public ModelVersion Version => Current.Version;

    private ServedModel Current => Volatile.Read(ref _current)
        ?? throw new InvalidOperationException(
            _disposed
                ? "The fine-tuning service has ended and serves no model."
                : "The fine-tuning service has not started yet, so no model is served.");

    public ModelLease Acquire()
    {
        while (true)
        {
            // Fails only when the model was exchanged and given back by all between the two calls; then there is a new one to read.
            var model = Current;
            if (model.TryAddReference())
                return new ModelLease(model);
        }
    }

    /// <summary>Whether the runtime keeps a plan of its memory for each shape that it was asked for.</summary>
    public bool PlansMemory => _plansMemory;

    /// <summary>Says what requests to the sessions that are opened from now on look like.</summary>
    public void Open(SampleSchema schema) =>
        // With a plan for each extent that ever came, memory would grow as long as requests of other extents do.
        _plansMemory = !schema.Inputs.Any(static input => input.IsOpen);

    /// <summary>Opens a session on a version, which is not served yet.</summary>
    /// <param name="version">The version.</param>
    /// <param name="givesWay">Whether requests that are answered meanwhile come first.</param>
    /// <exception cref="FineTuningException">The version is damaged, or the runtime cannot open it.</exception>
    public ServedModel Load(ModelVersion version, bool givesWay)
    {
        byte[] bytes = registry.ReadModel(version);
        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                EnableMemoryPattern = _plansMemory,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            var session = Open(bytes, options, givesWay);
            metrics.SessionsChanged(1);
            Interlocked.Increment(ref _liveSessions);
            return new ServedModel(session, version, () =>
            {
                Interlocked.Decrement(ref _liveSessions);
                metrics.SessionsChanged(-1);
                // On another thread, because it may be a request that gave the session back.
                ThreadPool.UnsafeQueueUserWorkItem(static _ => FreedMemory.GiveBack(), null);
            });
        }
        catch (OnnxRuntimeException error)
        {
            throw new FineTuningException($"The runtime cannot open version {version.Label}: {error.Message}", error);
        }
    }

    /// <summary>Serves a loaded version from now on. The session before it is disposed when its last lease ends.</summary>
    public void Exchange(ServedModel model)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        drift.Serve(model.Version);
        var previous = Interlocked.Exchange(ref _current, model);
        metrics.Served(model.Version.Number);
        previous?.Release();
    }

    public void SwapTo(ModelVersion version) => Exchange(Load(version, givesWay: false));

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Interlocked.Exchange(ref _current, null)?.Release();
        if (_opening.IsValueCreated)
            _opening.Value.Dispose();
    }

    private InferenceSession Open(byte[] model, SessionOptions options, bool givesWay)
    {
        // The runtime's own threads would keep the low priority of the thread that they are made by.
        if (!givesWay || threads != 1)
            return new InferenceSession(model, options);
        return _opening.Value.RunAsync(() => new InferenceSession(model, options)).GetAwaiter().GetResult();
    }
}
