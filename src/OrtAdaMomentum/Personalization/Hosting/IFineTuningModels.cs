using System.Diagnostics.CodeAnalysis;

namespace OrtAdaMomentum.Personalization;

/// <summary>The models of the host.</summary>
public interface IFineTuningModels
{
    /// <summary>All of them, in the order in which they were added.</summary>
    IReadOnlyList<FineTuningModel> All { get; }

    /// <summary>Finds a model by its name.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out FineTuningModel? model);
}
