using System.Globalization;
using OrtAdaMomentum.Bench;
using OrtAdaMomentum.Bench.Peers;
using TorchSharp;

// Alone it says whether libtorch loads; as a worker it trains.
if (args is ["check"])
{
    try
    {
        Console.WriteLine($"TorchSharp {typeof(torch).Assembly.GetName().Version}, {torch.ones(1).sum().item<float>()} loaded");
        return 0;
    }
    catch (Exception problem)
    {
        while (problem.InnerException is { } inner)
            problem = inner;
        Console.WriteLine(problem.Message.ReplaceLineEndings(" "));
        return 1;
    }
}

return WorkerLoop.Run(static arguments => arguments switch
{
    ["train", var model, var mode, var threads] => new TrainingWorkload(model, mode, Number(threads)),
    ["step", var optimizer, var size, var tensors, var threads] => new StepWorkload(optimizer, Number(size), Number(tensors), Number(threads)),
    _ => throw new ArgumentException($"There is no workload '{string.Join(' ', arguments)}'."),
});

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
