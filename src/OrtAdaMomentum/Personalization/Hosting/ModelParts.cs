using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>The services of one model, which all have its name as their key.</summary>
internal readonly struct ModelParts(IServiceProvider provider, string name)
{
    public string Name => name;

    public IServiceProvider Provider => provider;

    public TimeProvider Time => provider.GetRequiredService<TimeProvider>();

    public FineTuningServiceOptions Options => Get<CurrentOptions>().Value;

    public T Get<T>()
        where T : notnull =>
        provider.GetRequiredKeyedService<T>(name);

    /// <summary>A part that a host may do without.</summary>
    public T? Find<T>()
        where T : class =>
        provider.GetKeyedService<T>(name);

    /// <summary>A logger of the type; of a model with a name, its category ends with the name.</summary>
    public ILogger<T> Logger<T>() => name == FineTuningModel.DefaultName
        ? provider.GetRequiredService<ILogger<T>>()
        : new ModelLogger<T>(provider.GetRequiredService<ILoggerFactory>(), name);

    /// <summary>Adds a part of a model, unless the host brought its own.</summary>
    public static void Add<T>(IServiceCollection services, string name, Func<ModelParts, T> factory)
        where T : class =>
        services.TryAddKeyedSingleton(name, (provider, _) => factory(new ModelParts(provider, name)));

    /// <summary>Adds a part that is injected by its name, and without a name for the first model.</summary>
    public static void AddPublic<T>(IServiceCollection services, string name, Func<ModelParts, T> factory)
        where T : class
    {
        Add(services, name, factory);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<T>(name));
    }
}
