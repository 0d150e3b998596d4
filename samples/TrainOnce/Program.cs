using System.Diagnostics;
using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training;

// Opens the artifacts in a folder, takes one training step on made-up numbers, and tells how long after the start of the process that was.
if (args.Length is 0 or > 2 || (args.Length == 2 && !int.TryParse(args[1], CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("usage: TrainOnce FOLDER [BATCH]");
    return 2;
}

const int defaultBatch = 64;
int size = args.Length == 2 ? int.Parse(args[1], CultureInfo.InvariantCulture) : defaultBatch;
long main = Stopwatch.GetTimestamp();
using var session = FineTuningSession.Open(args[0]);
long opened = Stopwatch.GetTimestamp();
using var batch = session.CreateBatch(size);
var random = new Random(5);
foreach (var input in session.Manifest.Inputs.Where(static input => input.ElementType == ElementType.Float))
{
    foreach (ref float value in batch.Tensor<float>(input.Name))
        value = random.NextSingle();
}

float loss = session.TrainStep(batch);
session.OptimizerStep();
long stepped = Stopwatch.GetTimestamp();
double whole;
using (var process = Process.GetCurrentProcess())
    whole = (DateTime.Now - process.StartTime).TotalMilliseconds - Stopwatch.GetElapsedTime(stepped).TotalMilliseconds;

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"loss {loss:F4}, {whole:F0} ms after the start of the process: {whole - Milliseconds(stepped, main):F0} to start, {Milliseconds(opened, main):F1} to open, {Milliseconds(stepped, opened):F1} to step"));
return 0;

static double Milliseconds(long end, long start) => Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;
