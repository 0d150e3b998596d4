using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Logs under the category of a type with the name of the model behind it, so that the lines of several models can be told apart and filtered.</summary>
internal sealed class ModelLogger<T>(ILoggerFactory factory, string model) : ILogger<T>
{
    private readonly ILogger _logger = factory.CreateLogger($"{typeof(T).FullName}.{model}");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull =>
        _logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => _logger.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _logger.Log(logLevel, eventId, state, exception, formatter);
}
