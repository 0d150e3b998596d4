using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace OrtAdaMomentum.Personalization;

/// <summary>Finds the models that were added to the host.</summary>
internal sealed class FineTuningModels(IEnumerable<FineTuningModels.Added> added, IServiceProvider provider) : IFineTuningModels
{
    /// <summary>Says that a model was added; one of these stands among the services for each.</summary>
    internal sealed record Added(string Name);

    private readonly FineTuningModel[] _models =
        [.. added.Select(model => provider.GetRequiredKeyedService<FineTuningModel>(model.Name))];

    public IReadOnlyList<FineTuningModel> All => _models;

    public bool TryGet(string name, [NotNullWhen(true)] out FineTuningModel? model)
    {
        model = Array.Find(_models, model => model.Name == name);
        return model is not null;
    }
}
