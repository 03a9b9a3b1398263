using System.Diagnostics;
using System.Globalization;

namespace Strata.Mutation;

/// <summary>A process that holds all tests and every change, and is told which change is in force.</summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // For all tests, in a process that is new, on a machine that is busy.
    private static readonly TimeSpan PatienceForAll = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly HashSet<int> _static;

    public Worker(Target target, string program)
    {
        _process = Start(target, program, [], 0);
        var said = _process.StandardOutput.ReadLine() ?? "";
        _static = said.StartsWith("static", StringComparison.Ordinal)
            ? [.. said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(n => int.Parse(n, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"the tests fail without a change: {said}");
    }

    /// <summary>Whether a change also counts while types are made, and so may need a process of its own.</summary>
    public bool IsStatic(int number) => _static.Contains(number);

    /// <summary>The test that fails, "survived" or "uncovered"; null when the tests do not end or the process dies, which is a failure, too, and the end of this worker.</summary>
    public string? Judge(int number)
    {
        _process.StandardInput.WriteLine(number.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLineAsync();
        return answer.Wait(Patience) ? answer.Result?.Split(' ', 2)[1] : null;
    }

    /// <summary>The same for a change that is in force from the start.</summary>
    public static string Once(Target target, string program, int number)
    {
        using var process = Start(target, program, ["once"], number);
        var answer = process.StandardOutput.ReadLineAsync();
        var said = answer.Wait(PatienceForAll) ? answer.Result : null;
        process.Kill();
        return said ?? "without end";
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private static Process Start(Target target, string program, string[] arguments, int mutant)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in target.EnvironmentFor(mutant))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
