using System.Diagnostics;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Processes;

/// <summary>Real processes: the program itself, and shells around it.</summary>
internal static class CtlProcess
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The program as built.</summary>
    public static string Program => Path.Join(AppContext.BaseDirectory, "strata-ctl");

    public static Process Start(FakeNode node, string file, params string[] args) => Process.Start(StartInfo(node, file, args))!;

    /// <summary>How a process is started, for whoever adds to it.</summary>
    public static ProcessStartInfo StartInfo(FakeNode node, string file, params string[] args)
    {
        var start = new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in new[] { "STRATA_TOKEN", "STRATA_TOKEN_FILE", "STRATA_HOLDER_KEY_FILE", "STRATA_STATE_DIR", "NO_COLOR" })
        {
            start.Environment.Remove(name);
        }

        start.Environment["STRATA_RUNTIME_DIR"] = node.Directory;
        start.Environment["STRATA_CTL"] = Program;
        start.Environment[NodeNames.LimitVariable] = "30s";
        // The program must find the runtime that runs this test, whatever the path.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Join(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        return start;
    }

    /// <summary>Runs a process to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(FakeNode node, string file, params string[] args)
    {
        using var process = Start(node, file, args);
        return await EndAsync(process);
    }

    /// <summary>Waits for the end of a process that reads nothing.</summary>
    public static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The path of a shell, or null when this machine has none.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Join(d, name)).FirstOrDefault(File.Exists);
}
