using OrtAdaMomentum.Bench;
using OrtAdaMomentum.Bench.Memory;
using OrtAdaMomentum.Bench.Start;
using OrtAdaMomentum.Bench.Training;

(string Name, string About, Action<string[]> Run)[] parts =
[
    ("step", "optimizer step against the machine's memory bandwidth; [largest number of parameters]", StepBench.Run),
    ("train", "whole training step of the digit model and of perceptrons, and the optimizer's share of it", TrainBench.Run),
    ("threads", "the runtime's threads and the optimizer's, alone and in turn", ThreadsBench.Run),
    ("all", "step, generation and whole training steps; [--quick] [--json FILE] [--markdown FILE], which are of the whole steps", AllBench.Run),
    ("whole", "whole training steps against TorchSharp; [--quick] [--json FILE] [--markdown FILE] [models] [modes]", WholeStepBench.Run),
    ("profile", "where the time of a model goes by operator; <model or all> [mode] [threads] [off]", ProfileBench.Run),
    ("start", "time from the start of a process to its first training step; [model] [rounds]", StartBench.Run),
    ("memory", "peak memory of training against the estimate, and growth over 10,000 steps; [models, or growth]", MemoryBench.Run),
    (Worker.Part, "used by other parts: takes commands from the standard input", Worker.Run),
    ("recurrent", "forward pass and gradient of an LSTM against the length of the sequence", RecurrentBench.Run),
    ("convolution", "convolution and its gradients against ONNX Runtime's ordinary operators; [part of a shape's name]", ConvolutionBench.Run),
    ("generate", "generation of artifacts against the number of nodes", GenerateBench.Run),
    ("generate-model", "time and peak memory of generating artifacts from BERT-base; [a model file instead]", GenerateModelBench.Run),
];

if (args.Length > 0 && Array.Find(parts, part => part.Name == args[0]) is { Run: { } run })
{
    run(args[1..]);
    return 0;
}

Console.Error.WriteLine("usage: Bench <part> [arguments]");
foreach ((string name, string about, _) in parts)
    Console.Error.WriteLine($"  {name,-15} {about}");
return 2;
