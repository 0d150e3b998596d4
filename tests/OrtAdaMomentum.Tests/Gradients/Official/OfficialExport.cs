using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>A model for the official runtime.</summary>
internal sealed record ExportedModel(string Name, string File, string Hash);

/// <summary>Writes what official.mjs runs: models, and cases.json, which names them.</summary>
internal static class OfficialExport
{
    /// <summary>Writes all models and gives their number.</summary>
    public static int Write(string folder)
    {
        var exported = new List<ExportedModel>();
        var models = OfficialOperators.Cases.Select(static pair =>
            (Name: pair.Operator.ResultName(pair.Case), Model: OfficialModel.Write(pair.Operator, pair.Case)));
        foreach (var (name, model) in models.Concat(OfficialModels.All.Select(static item => (item.Name, (ModelProto?)item.Model))))
        {
            if (model is null)
                continue;
            string file = string.Create(CultureInfo.InvariantCulture, $"{exported.Count:D4}.onnx");
            exported.Add(new ExportedModel(name, file, OfficialModel.Hash(model)));
            File.WriteAllBytes(Path.Combine(folder, file), model.ToByteArray());
        }

        File.WriteAllText(Path.Combine(folder, "cases.json"), JsonSerializer.Serialize(exported, OfficialJson.Default.ListExportedModel));
        return exported.Count;
    }
}
