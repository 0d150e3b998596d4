using System.Runtime.InteropServices;
using OrtAdaMomentum.Tools;

using var stop = new CancellationTokenSource();

// The first signal asks for a graceful stop, which leaves a checkpoint; a second one ends the process as usual.
void Stop(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested)
        return;
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await ToolApp.RunAsync(args, Console.Out, Console.Error, stop.Token);
