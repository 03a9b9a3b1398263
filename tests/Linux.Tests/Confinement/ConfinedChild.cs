using Strata.Linux.Tests.Processes;

namespace Strata.Linux.Tests.Confinement;

/// <summary>Runs a script in a confined child and tells what it said.</summary>
internal sealed class ConfinedChild : IDisposable
{
    private readonly SpawnThread _spawner = new();

    internal static bool IsRoot => UserId.Effective == 0;

    internal static SpawnRequest Shell(string script) =>
        new() { Program = "/bin/sh", Arguments = ["sh", "-c", script], Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C"], WorkingDirectory = "/" };

    internal static SpawnRequest Perl(string script) =>
        new() { Program = "/usr/bin/perl", Arguments = ["perl", "-e", script], Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C"], WorkingDirectory = "/" };

    internal ChildProcess Spawn(SpawnRequest request) => _spawner.Spawn(request);

    /// <summary>What it wrote to both outputs, and how it ended.</summary>
    internal (string Text, ProcessExit Exit) Run(SpawnRequest request)
    {
        using var pipe = Pipe.Create();
        using ChildProcess child = _spawner.Spawn(request with { StandardOutput = pipe.Writer.Number, StandardError = pipe.Writer.Number });
        pipe.Writer.Dispose();
        string text = Await.Text(pipe.Reader);
        return (text, Await.Exit(child));
    }

    internal string Text(SpawnRequest request) => Run(request).Text;

    public void Dispose() => _spawner.Dispose();
}
