using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Turns an error of ONNX Runtime into one that says which node of the model it is about.</summary>
internal static partial class RuntimeErrors
{
    public static OnnxModelException Translate(OnnxRuntimeException error, ModelProto model)
    {
        string where = Find(error.Message, model.Graph) is { } node ? $" at {NodeNames.Describe(node)}" : "";
        return new OnnxModelException($"ONNX Runtime does not accept the model{where}: {error.Message}", error);
    }

    private static NodeProto? Find(string message, GraphProto graph)
    {
        foreach (Regex pattern in (Regex[])[NodeInParentheses(), NameAfterColon(), OperatorName()])
        {
            Match match = pattern.Match(message);
            if (!match.Success)
                continue;
            string text = match.Groups["name"].Value;
            NodeProto? node = graph.Node.FirstOrDefault(node => node.Name == text)
                ?? graph.Node.FirstOrDefault(node => node.OpType == text);
            if (node is not null)
                return node;
        }

        return null;
    }

    [GeneratedRegex(@"[Nn]ode\s*\((?<name>[^()]+)\)")]
    private static partial Regex NodeInParentheses();

    [GeneratedRegex(@"[Nn]ode(?: with)?(?: name)?:\s*'?(?<name>[^'\s]+)'?")]
    private static partial Regex NameAfterColon();

    [GeneratedRegex(@"(?:for|of|is not a registered function/op:?|[Oo]p)\s+'?(?<name>[A-Z]\w+)\(\d+\)")]
    private static partial Regex OperatorName();
}
