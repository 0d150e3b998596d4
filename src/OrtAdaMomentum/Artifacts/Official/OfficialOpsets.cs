using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What the last official runtime, 1.19.2, takes of the format's versions.</summary>
internal static class OfficialOpsets
{
    public const long IrVersion = 10;

    public const long Standard = 21;

    /// <summary>Imports the domain of the training operators and refuses what is too new.</summary>
    /// <exception cref="FineTuningException">The model needs a newer version than the runtime knows.</exception>
    public static void Declare(ModelProto model)
    {
        var imports = OnnxDomains.Imports(model.OpsetImport);
        if (imports.GetValueOrDefault(OnnxDomains.Standard) > Standard)
        {
            throw new FineTuningException(
                $"The model needs opset {imports[OnnxDomains.Standard]}, and the official runtime takes {Standard} at most. Use the stock layout.");
        }

        model.IrVersion = Math.Min(model.IrVersion, IrVersion);
        if (!imports.ContainsKey(OnnxDomains.Microsoft))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Microsoft, Version = 1 });
    }
}
