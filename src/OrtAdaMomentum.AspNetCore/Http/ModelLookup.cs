namespace OrtAdaMomentum.AspNetCore;

/// <summary>Finds the model that a request is about.</summary>
internal static class ModelLookup
{
    /// <summary>The name in the address.</summary>
    public const string RouteName = "model";

    /// <summary>The model that the address names; the one that was added first where it names none.</summary>
    /// <exception cref="RequestProblemException">There is no model of that name.</exception>
    public static FineTuningModel Model(this HttpContext context)
    {
        var models = context.RequestServices.GetRequiredService<IFineTuningModels>();
        if (context.Request.RouteValues.GetValueOrDefault(RouteName) is not string name)
            return models.All[0];
        if (models.TryGet(name, out var model))
            return model;
        throw FineTuningEndpoints.Posted.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? new RequestProblemException(StatusCodes.Status405MethodNotAllowed, $"'{name}' takes POST, not {context.Request.Method}.") { Allow = HttpMethods.Post }
            : RequestProblemException.NotFound($"There is no model '{name}'. Models: {string.Join(", ", models.All.Select(static known => known.Name))}.");
    }

    /// <summary>The same, when its service has started and takes samples.</summary>
    /// <exception cref="RequestProblemException">There is no model of that name, or its service is not there.</exception>
    public static FineTuningModel StartedModel(this HttpContext context)
    {
        var model = context.Model();
        return model.Ingest.Schema is not null
            ? model
            : throw RequestProblemException.Unavailable($"The service of model '{model.Name}' is starting or has stopped. Ask again later.");
    }

    /// <summary>A version of a model.</summary>
    /// <exception cref="RequestProblemException">There is none of that id or label.</exception>
    public static ModelVersion FindVersion(this FineTuningModel model, string id) =>
        model.Registry.Find(id)
        ?? throw RequestProblemException.NotFound($"There is no version '{id}'. Versions: {string.Join(", ", model.Registry.Versions)}.");
}
