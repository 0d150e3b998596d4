using OrtAdaMomentum.Bench;
using OrtAdaMomentum.Bench.Memory;
using OrtAdaMomentum.Bench.Service;
using OrtAdaMomentum.Bench.Start;
using OrtAdaMomentum.Bench.Training;

(string Name, string About, Action<string[], Results> Run)[] parts =
[
    ("step", "optimizer step against the machine's memory, a graph and libtorch; [largest number of parameters]", StepBench.Run),
    ("train", "whole training step of the digit model and of perceptrons, and the optimizer's share of it", static (args, _) => TrainBench.Run(args)),
    ("threads", "the runtime's threads and the optimizer's, alone and in turn", static (_, results) => ThreadsBench.Run(results)),
    ("all", "the parts that docs/performance.md rests on, a quarter of an hour; [--quick]", AllBench.Run),
    ("whole", "whole training steps against TorchSharp; [--quick] [models] [modes]", WholeStepBench.Run),
    ("profile", "where the time of a model goes by operator; <model or all> [mode] [threads] [off]", static (args, _) => ProfileBench.Run(args)),
    ("frozen", "steps of the last layers against a forward pass of what is frozen and a step of what is not; [models]", FrozenBench.Run),
    ("ingest", "samples a second that the service's store takes in durably", static (_, results) => IngestBench.Run(results)),
    ("swaps", "requests to the served model while its version is exchanged 200 times", static (_, results) => SwapBench.Run(results)),
    ("soak", "what a service takes of the machine over 400 days of samples, runs, promotions and roll backs; [days]", SoakBench.Run),
    ("auc", "the gate's area under the curve with many classes against one that visits every sample of every class", static (_, results) => AucBench.Run(results)),
    ("snapshot", "peak memory of a run over some samples and over four times as many", SnapshotBench.Run),
    ("share", "processor time of training against the share it may take; [seconds]", ShareBench.Run),
    (Burner.Part, "used by other parts: takes a processor", static (_, _) => Burner.Run()),
    ("recompute", "memory and time of recomputation; [models]", RecomputeBench.Run),
    ("start", "time from the start of a process to its first training step; [model] [rounds]", StartBench.Run),
    ("memory", "peak memory of training against the estimate, and growth over 10,000 steps; [models, or growth]", MemoryBench.Run),
    (Worker.Part, "used by other parts: takes commands from the standard input", static (args, _) => Worker.Run(args)),
    ("recurrent", "forward pass and gradient of an LSTM against the length of the sequence", static (args, _) => RecurrentBench.Run(args)),
    ("convolution", "convolution and its gradients against ONNX Runtime's ordinary operators; [part of a shape's name]", static (args, _) => ConvolutionBench.Run(args)),
    ("generate", "generation of artifacts against the number of nodes", static (_, results) => GenerateBench.Run(results)),
    ("generate-model", "time and peak memory of generating artifacts from BERT-base; [a model file instead]", GenerateModelBench.Run),
];

if (args.Length > 0 && Array.Find(parts, part => part.Name == args[0]) is { Run: { } run })
{
    var results = new Results();
    run(args[1..], results);
    results.Save(args);
    return 0;
}

Console.Error.WriteLine("usage: Bench <part> [arguments] [--json FILE] [--markdown FILE]");
foreach ((string name, string about, _) in parts)
    Console.Error.WriteLine($"  {name,-15} {about}");
return 2;
