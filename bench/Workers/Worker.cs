using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>Our side of the comparison, as a worker.</summary>
internal static class Worker
{
    /// <summary>The part of the program that is a worker.</summary>
    public const string Part = "worker";

    public const string Training = "train", Forward = "forward", Product = "product", Step = "step", StepGraph = "step-graph";

    public static void Run(string[] args) => WorkerLoop.Run(Open);

    private static IWorkload Open(string[] arguments) => arguments switch
    {
        [Training, var model, var threads, var kernels, var folder] => new TrainingWorkload(model, int.Parse(threads), Enum.Parse<KernelUse>(kernels), folder),
        [Forward, var model, var threads, var file] => new ForwardWorkload(model, int.Parse(threads), file),
        [Product, var threads] => new ProductWorkload(int.Parse(threads)),
        _ => throw new ArgumentException($"There is no workload '{string.Join(' ', arguments)}'."),
    };
}
