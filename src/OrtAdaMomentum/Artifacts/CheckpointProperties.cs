using System.Text.Json.Serialization;
using OrtAdaMomentum.Artifacts.Official;

namespace OrtAdaMomentum.Artifacts;

/// <summary>A value that the application keeps in a checkpoint; exactly one of the three is there.</summary>
internal sealed record CheckpointProperty(string Name, long? Integer, float? Number, string? Text)
{
    /// <summary>Not a number and the infinities are values too, which JSON has no numbers for.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public float? Number { get; init; } = Number;

    [JsonIgnore]
    public object Value => (object?)Integer ?? (object?)Number ?? Text!;

    /// <summary>Those of an official checkpoint.</summary>
    public static IReadOnlyList<CheckpointProperty> From(OfficialProperties properties) =>
    [
        .. properties.Integers.Select(static pair => new CheckpointProperty(pair.Key, pair.Value, null, null)),
        .. properties.Numbers.Select(static pair => new CheckpointProperty(pair.Key, null, pair.Value, null)),
        .. properties.Texts.Select(static pair => new CheckpointProperty(pair.Key, null, null, pair.Value)),
    ];

    [JsonIgnore]
    public bool IsValid => Name is { Length: > 0 } && (Integer is null ? 0 : 1) + (Number is null ? 0 : 1) + (Text is null ? 0 : 1) == 1;
}

/// <summary>What the application keeps in checkpoints, by name, in the order in which it was added.</summary>
internal sealed class CheckpointProperties
{
    private readonly List<CheckpointProperty> _properties = [];

    public IReadOnlyList<CheckpointProperty> All => _properties;

    public void Set(CheckpointProperty property)
    {
        int place = _properties.FindIndex(each => each.Name == property.Name);
        if (place < 0)
            _properties.Add(property);
        else
            _properties[place] = property;
    }

    public void ReplaceAll(IEnumerable<CheckpointProperty> properties)
    {
        _properties.Clear();
        foreach (var property in properties)
            Set(property);
    }

    /// <summary>For an official checkpoint.</summary>
    public OfficialProperties ToOfficial() => new()
    {
        Integers = [.. _properties.Where(static property => property.Integer is not null).Select(static property => KeyValuePair.Create(property.Name, property.Integer!.Value))],
        Numbers = [.. _properties.Where(static property => property.Number is not null).Select(static property => KeyValuePair.Create(property.Name, property.Number!.Value))],
        Texts = [.. _properties.Where(static property => property.Text is not null).Select(static property => KeyValuePair.Create(property.Name, property.Text!))],
    };

    public object Get(string name) => _properties.Find(property => property.Name == name)?.Value
        ?? throw new FineTuningException(
            $"There is no property '{name}'. "
            + (_properties.Count == 0 ? "No property has been added." : $"There are: {string.Join(", ", _properties.Select(static property => property.Name))}."));
}
