using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A user namespace in which nobody lives, by which mounts show the owners of what is on disk as those of a sandbox.</summary>
internal static class MappingNamespace
{
    private const int Gate = CallScript.FirstDescriptor;
    private const int Status = Gate + 1;

    /// <summary>Makes one. It lasts as long as what is returned.</summary>
    /// <exception cref="LinuxException">The kernel refuses it, or has no room.</exception>
    /// <exception cref="SandboxException">The kernel allows no further namespace.</exception>
    internal static async Task<FileDescriptor> MakeAsync(BubblewrapEngine engine, SandboxIds ids, CancellationToken cancellation)
    {
        using var gate = Pipe.Create(nonBlockingReader: false);
        using var status = Pipe.Create();
        using var run = await engine.SpawnAsync(Script(), (null, null, null), [gate.Reader.Number, status.Writer.Number], _ => { }, cancellation).ConfigureAwait(false);
        try
        {
            status.Writer.Dispose();
            if (await engine.Watch.ReadAsync(status.Reader, new byte[1], cancellation).ConfigureAwait(false) == 0)
            {
                string why = run.TryRead(out string call, out int result) == 1 ? new LinuxException(result, call).Message : "its process was killed";
                throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"no user namespace can be made: {why}");
            }

            UserNamespace.MapForMounts(run.Process.Pid, SandboxIds.FirstOnDisk, ids.First, ids.Count);
            return UserNamespace.Open(run.Process.Pid);
        }
        finally
        {
            gate.Dispose(); // It waits for that alone.
            await engine.Watch.WhenReadableAsync(run.Process.Handle, CancellationToken.None).ConfigureAwait(false);
            _ = run.Process.TryReap(out _);
        }
    }

    private static CallScript Script()
    {
        var script = new CallScript();
        script.EndWithParent();
        script.Unshare(NamespaceKinds.Users);
        script.Tell(Status);
        script.Close(Status);
        script.Await(Gate);
        script.End();
        return script;
    }
}
