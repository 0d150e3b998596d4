using System.CommandLine;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tools.Service;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Which service is meant: <c>--url</c> for one that runs, <c>--data</c> for the folder of one that does not.</summary>
internal sealed class ServiceTargetOptions
{
    /// <summary>Shorter keys are refused by the service, and a file much longer is no key.</summary>
    private const int LargestKeyFile = 4096;

    private readonly Option<string> _url = Recursive(CommonOptions.Text("--url", "URL", "A service that runs, such as http://localhost:5000/fine-tuning."));
    private readonly Option<string> _data = Recursive(CommonOptions.Text("--data", "DIR", "The data folder of a service that does not run."));
    private readonly Option<string> _model = Recursive(CommonOptions.Text("--model", "NAME", "With --url: the model's name. Default: the first one."));
    private readonly Option<string> _apiKeyFile = Recursive(CommonOptions.Text("--api-key-file", "FILE", "With --url: the file of the service's API key."));
    private readonly Option<string> _keyFile = Recursive(CommonOptions.Text("--key-file", "FILE", "With --data: the key file of encrypted samples."));

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _url, _data, _model, _apiKeyFile, _keyFile })
            command.Options.Add(option);
    }

    /// <summary>For what can only be done while the service does not run.</summary>
    public ServiceFolder OpenFolder(ParseResult parsed) =>
        Open(parsed) as ServiceFolder ?? throw ToolException.Usage("This needs --data: it can only be done while the service does not run.");

    public IServiceTarget Open(ParseResult parsed)
    {
        string? url = parsed.GetValue(_url), data = parsed.GetValue(_data);
        if (url is null == data is null)
            throw ToolException.Usage("Either --url or --data has to be given.");
        if (data is not null)
        {
            if (parsed.IsGiven(_model) || parsed.IsGiven(_apiKeyFile))
                throw ToolException.Usage("--model and --api-key-file go with --url.");
            string? keyFile = parsed.GetValue(_keyFile);
            return new ServiceFolder(data, keyFile is null ? new EncryptionOptions() : new EncryptionOptions { Source = EncryptionSource.KeyFile, Path = keyFile });
        }

        if (parsed.IsGiven(_keyFile))
            throw ToolException.Usage("--key-file goes with --data.");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw ToolException.Usage($"--url takes an address that begins with http:// or https://, was '{url}'.");
        return new RunningService(address, parsed.GetValue(_model), parsed.GetValue(_apiKeyFile) is { } file ? ReadKey(file) : null);
    }

    private static string ReadKey(string file)
    {
        if (!File.Exists(file))
            throw new ToolException(ExitCodes.File, $"There is no file '{file}'.");
        return new FileInfo(file).Length <= LargestKeyFile
            ? File.ReadAllText(file).Trim()
            : throw new ToolException(ExitCodes.File, $"'{file}' is no key: it is longer than {LargestKeyFile} bytes.");
    }

    private static Option<string> Recursive(Option<string> option)
    {
        option.Recursive = true;
        return option;
    }
}
