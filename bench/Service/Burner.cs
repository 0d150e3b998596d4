namespace OrtAdaMomentum.Bench.Service;

/// <summary>Takes all it gets of one processor until its input ends or it is killed.</summary>
internal static class Burner
{
    /// <summary>Name of the part.</summary>
    public const string Part = "burn";

    public static void Run()
    {
        // Does not outlive the process that started it.
        var ended = Task.Run(static () => Console.In.ReadToEnd());
        while (!ended.IsCompleted)
            Thread.SpinWait(1000);
    }
}
