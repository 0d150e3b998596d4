using OrtAdaMomentum.Samples.EdgeFineTune;
using OrtAdaMomentum.Samples.EdgeFineTune.Serve;

var arguments = SampleArguments.Parse(args, out string? problem);
if (arguments is null)
{
    Console.Error.WriteLine(problem is null ? SampleArguments.Usage : $"{problem}{Environment.NewLine}{SampleArguments.Usage}");
    return problem is null ? 0 : 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    return arguments.Serve
        ? await new DigitSite(arguments).RunAsync(stop.Token)
        : await new DigitJob(arguments, TimeProvider.System).RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Stopped.");
    return 5;
}
catch (OrtAdaMomentum.FineTuningException error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 3;
}
