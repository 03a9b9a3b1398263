using System.Diagnostics;
using System.Globalization;

namespace Strata.Mutation;

/// <summary>A process that holds all tests and every change, and is told which change is in force.</summary>
internal sealed class Worker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // For all tests, in a process that is new, on a machine that is busy.
    private static readonly TimeSpan PatienceForAll = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly HashSet<int> _static;

    public Worker(string program)
    {
        _process = Start(program, [], 0);
        var said = _process.StandardOutput.ReadLine() ?? "";
        _static = said.StartsWith("static", StringComparison.Ordinal)
            ? [.. said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(n => int.Parse(n, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"the tests fail without a change: {said}");
    }

    /// <summary>Whether a change only counts while types are made, and so needs a process of its own.</summary>
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
    public static string Once(string program, int number)
    {
        using var process = Start(program, ["once"], number);
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

    private static Process Start(string program, string[] arguments, int mutant) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        // A change that fills the memory ends its worker, and not the machine.
        Environment = { ["DOTNET_GCHeapHardLimit"] = "60000000", ["STRATA_SIM_RUNS"] = mutant == 0 ? "20" : "3", ["MUTANT"] = mutant.ToString(CultureInfo.InvariantCulture) },
    })!;
}
