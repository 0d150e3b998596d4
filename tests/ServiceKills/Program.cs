using System.Globalization;
using OrtAdaMomentum.Tests.ServiceKills;

// serve FOLDER PHASES   the process that is killed
// kill FOLDER KILLS SEED   the loop that kills it, and looks at what is left
return args switch
{
    ["serve", var folder, var phases] => await ServiceUnderTest.RunAsync(folder, int.Parse(phases, CultureInfo.InvariantCulture)),
    ["kill", var folder, var kills, var seed] => await new KillLoop(folder, int.Parse(seed, CultureInfo.InvariantCulture))
        .RunAsync(int.Parse(kills, CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("serve FOLDER PHASES | kill FOLDER KILLS SEED");
    return 2;
}
