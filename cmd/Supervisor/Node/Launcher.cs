using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Turns a manifest into a process, on the one thread whose end would end all services.</summary>
/// <param name="thread">That thread.</param>
/// <param name="programs">Path of every service's program.</param>
/// <param name="sockets">Whose listening socket becomes the service's descriptor 3.</param>
/// <param name="environment">What services see.</param>
/// <param name="logs">Takes what services print.</param>
internal sealed class Launcher(
    SpawnThread thread, IReadOnlyDictionary<string, string> programs, NodeSockets sockets, ChildEnvironment environment, LogCapture logs)
{
    /// <summary>Keeps what services print.</summary>
    internal LogCapture Logs => logs;

    /// <summary>Starts the process of a service; a failure is the task's exception.</summary>
    /// <param name="manifest">The service.</param>
    /// <param name="incarnation">Which of its lives this is.</param>
    /// <param name="readiness">Where it announces readiness by <see cref="ReadinessMethod.Fd"/>, which becomes its descriptor after the socket; else null.</param>
    internal async Task<ChildProcess> LaunchAsync(ServiceManifest manifest, int incarnation, FileDescriptor? readiness)
    {
        using var pipes = logs.Open(manifest, incarnation);
        return await thread.SpawnAsync(new SpawnRequest
        {
            Program = programs[manifest.Name],
            Arguments = [programs[manifest.Name], .. manifest.Arguments],
            Environment = environment.For(manifest),
            StandardOutput = pipes.Output,
            StandardError = pipes.Error,
            ExtraDescriptors = readiness is null ? sockets.DescriptorsOf(manifest.Name) : [.. sockets.DescriptorsOf(manifest.Name), readiness.Number],
            WorkingDirectory = "/",
            NewSession = true,
        }).ConfigureAwait(false);
    }
}
