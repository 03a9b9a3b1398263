using Strata.Hosting;
using Strata.Linux;

namespace Strata.Exec;

/// <summary>
/// A service whose methods are programs: for authors whose language cannot accept on a Unix socket, or should not have to.
/// Authorization, validation, bounds and the service's life are done here; a program sees params that fit, and answers.
/// </summary>
internal static class ExecProgram
{
    private const int ExitUsage = 64;

    private const string Usage = """
        usage: strata-exec FILE           serve the methods that FILE declares
               strata-exec --check FILE   say what is wrong with FILE, and end

        """;

    internal static async Task<int> RunAsync(string[] args)
    {
        if (args is not ([{ Length: > 0 }] or ["--check", _]) || args[0] is "--help" or "-h")
        {
            await Console.Error.WriteAsync(Usage).ConfigureAwait(false);
            return args is ["--help"] or ["-h"] ? 0 : ExitUsage;
        }

        var file = args[^1];
        var declared = MethodsFile.Read(file);
        if (declared.Faults.Count > 0)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', declared.Faults.Select(fault => $"{file}: {fault}"))).ConfigureAwait(false);
            return ServiceHost.ExitUnusable;
        }

        if (args.Length == 2)
        {
            await Console.Out.WriteLineAsync($"{file}: {declared.Methods.Count} methods of {declared.Service}").ConfigureAwait(false);
            return 0;
        }

        // What programs leave behind becomes ours, not the node's, so that we can end it.
        ProcessControl.BecomeChildSubreaper();
        using var spawning = new SpawnThread();
        using var gate = new RunGate(declared.Concurrency, Leftovers.Clear);
        return await ServiceHost.RunAsync(declared.Service, environment =>
        {
            var identity = environment.CreateFeed();
            var runner = new MethodRunner(spawning, gate, environment);
            return new ServiceSetup([.. declared.Methods.Select(runner.Serve)], environment.CreateAuthorizer(identity))
            {
                Background = [identity.RunAsync],
                ReadyWhen = identity.FirstSnapshot,
            };
        }).ConfigureAwait(false);
    }
}
