using System.Globalization;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>Our side of the comparison, as a worker.</summary>
internal static class Worker
{
    /// <summary>The part of the program that is a worker.</summary>
    public const string Part = "worker";

    public const string Training = "train", Forward = "forward", Product = "product", Step = "step", StepGraph = "step-graph", Axpy = "axpy", Triad = "triad";

    public static void Run(string[] args) => WorkerLoop.Run(Open);

    private static IWorkload Open(string[] arguments) => arguments switch
    {
        [Training, var model, var threads, var kernels, var folder] => new TrainingWorkload(model, Number(threads), Enum.Parse<KernelUse>(kernels), folder),
        [Forward, var model, var threads, var file] => new ForwardWorkload(model, Number(threads), file),
        [Product, var threads] => new ProductWorkload(Number(threads)),
        [Step, var size, var tensors, var threads, var check] => new StepWorkload(Number(size), Number(tensors), Number(threads), bool.Parse(check)),
        [StepGraph, var size, var threads] => new StepGraphWorkload(Number(size), Number(threads)),
        [Axpy, var length, var threads] => StreamWorkload.Axpy(Number(length), Number(threads)),
        [Triad, var length, var threads] => StreamWorkload.Triad(Number(length), Number(threads)),
        _ => throw new ArgumentException($"There is no workload '{string.Join(' ', arguments)}'."),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
