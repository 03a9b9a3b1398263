using System.Text;
using Strata.Linux;
using Strata.Sandbox;

namespace Strata.Sandbox.Tests;

/// <summary>An engine and a place for the sandboxes of one test.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private static int _last;
    private readonly List<ISandbox> _made = [];
    private readonly TempDirectory _directory = new();

    internal BubblewrapEngine Engine { get; } = new();

    internal string Directory => _directory.Path;

    internal SandboxPlan Plan()
    {
        string id = $"test{Environment.ProcessId:x8}{Interlocked.Increment(ref _last):d4}";
        return new SandboxPlan
        {
            Id = id, Layers = [], Limits = new SandboxLimits(),
            ChangesDirectory = System.IO.Directory.CreateDirectory(Path.Combine(_directory.Path, id)).FullName,
        };
    }

    internal async Task<ISandbox> CreateAsync(SandboxPlan? plan = null)
    {
        var made = await Engine.CreateAsync(plan ?? Plan(), CancellationToken.None).Soon();
        _made.Add(made);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _made)
        {
            await one.DisposeAsync();
        }

        Engine.Dispose();
        foreach (string changes in System.IO.Directory.EnumerateDirectories(_directory.Path))
        {
            ChangesRemoval.Run(changes); // An overlay leaves a directory that nobody may enter.
        }

        _directory.Dispose();
    }
}

/// <summary>What a program inside said.</summary>
internal sealed record Said(string Output, string Errors, ProcessExit Exit)
{
    public override string ToString() => $"{Exit}: {Output} {Errors}";
}

internal static class SandboxRuns
{
    internal static readonly string[] Environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8"];

    /// <summary>Runs a shell command to its end.</summary>
    internal static Task<Said> ShellAsync(this ISandbox sandbox, string command, int? user = null) => sandbox.RunAsync(user, "sh", "-c", command);

    internal static async Task<Said> RunAsync(this ISandbox sandbox, int? user, params string[] arguments)
    {
        using var output = Pipe.Create(nonBlockingReader: false);
        using var errors = Pipe.Create(nonBlockingReader: false);
        var start = new SandboxedStart
        {
            Program = arguments[0], Arguments = arguments, Environment = Environment, WorkingDirectory = "/", User = user,
            StandardOutput = output.Writer.Number, StandardError = errors.Writer.Number,
        };
        using var process = await sandbox.StartAsync(start, CancellationToken.None).Soon();
        output.Writer.Dispose();
        errors.Writer.Dispose();
        var said = Task.Run(() => ReadAll(output.Reader));
        var wrong = Task.Run(() => ReadAll(errors.Reader));
        return new Said(await said.Soon(), await wrong.Soon(), await process.Exited.Soon());
    }

    internal static string ReadAll(FileDescriptor reader)
    {
        var text = new MemoryStream();
        byte[] buffer = new byte[4096];
        for (int count; (count = Descriptors.TryRead(reader.Number, buffer)) > 0;)
        {
            text.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
