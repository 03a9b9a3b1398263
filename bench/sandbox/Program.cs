using System.Globalization;
using Strata.Bench;

// "serve DIRECTORY" is the other side of the socket, which the measuring process starts; "engine" measures below the socket, "crowd N" N sessions at once.
if (args is ["serve", var directory])
{
    await ServedSandbox.RunAsync(directory);
}
else if (args is ["crowd", var sessions])
{
    await CrowdFigures.RunAsync(int.Parse(sessions, CultureInfo.InvariantCulture));
}
else if (args is ["engine"])
{
    using var figures = new EngineFigures();
    await figures.RunAsync();
}
else
{
    await ServiceFigures.RunAsync(args is ["--quick"] ? 100 : 1000);
}
