using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Turns a manifest into a process, on the one thread whose end would end all services.</summary>
/// <param name="thread">That thread.</param>
/// <param name="programs">Path of every service's program.</param>
/// <param name="sockets">Whose listening socket becomes the service's descriptor 3.</param>
/// <param name="environment">What services see.</param>
internal sealed class Launcher(SpawnThread thread, IReadOnlyDictionary<string, string> programs, NodeSockets sockets, ChildEnvironment environment)
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Starts the process of a service; a failure is the task's exception.</summary>
    internal Task<ChildProcess> LaunchAsync(ServiceManifest manifest) => thread.SpawnAsync(new SpawnRequest
    {
        Program = programs[manifest.Name],
        Arguments = [manifest.Name, .. manifest.Arguments],
        Environment = environment.For(manifest),
        StandardOutput = StandardOutput,
        StandardError = StandardError,
        ExtraDescriptors = sockets.DescriptorsOf(manifest.Name),
        WorkingDirectory = "/",
        NewSession = true,
    });
}
