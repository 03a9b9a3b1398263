using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Carries out a <see cref="SpawnRequest"/> with posix_spawn(3) on the calling thread.</summary>
internal static unsafe class Spawner
{
    internal static ChildProcess Spawn(SpawnRequest request)
    {
        request.Validate();
        using var arguments = new CStringArray(request.Arguments);
        using var environment = new CStringArray(request.Environment);
        byte* actions = stackalloc byte[Libc.OpaqueBytes];
        byte* attributes = stackalloc byte[Libc.OpaqueBytes];
        var lifted = new List<FileDescriptor>();
        Check(Libc.posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        try
        {
            AddActions(actions, request, lifted);
            SetAttributes(attributes, request);
            int pid;
            fixed (byte* path = Libc.CString(request.Program))
            {
                Check(Libc.posix_spawn(&pid, path, actions, attributes, arguments.Pointer, environment.Pointer), "posix_spawn", request.Program);
            }

            return ChildProcess.Open(pid, request.NewSession);
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            lifted.ForEach(descriptor => descriptor.Dispose());
        }
    }

    private static void AddActions(byte* actions, SpawnRequest request, List<FileDescriptor> lifted)
    {
        int first = 3 + request.ExtraDescriptors.Count;
        int?[] sources = [request.StandardInput, request.StandardOutput, request.StandardError, .. request.ExtraDescriptors.Select(d => (int?)d)];
        fixed (byte* nowhere = "/dev/null\0"u8)
        {
            for (int target = 0; target < sources.Length; target++)
            {
                if (sources[target] is not { } source)
                {
                    Check(Libc.posix_spawn_file_actions_addopen(actions, target, nowhere, Libc.O_RDWR, 0), "posix_spawn_file_actions_addopen");
                    continue;
                }

                // Lifted above all targets, so that filling one target never overwrites the source of another.
                int above = Descriptors.TryDuplicate(source, first);
                lifted.Add(new FileDescriptor(LinuxException.Check(above, "fcntl(F_DUPFD_CLOEXEC)", $"descriptor {source}")));
                Check(Libc.posix_spawn_file_actions_adddup2(actions, above, target), "posix_spawn_file_actions_adddup2");
            }
        }

        // Close-on-exec should do for all the rest; this makes sure of descriptors that somebody else's code opened without it.
        Check(Libc.posix_spawn_file_actions_addclosefrom_np(actions, first), "posix_spawn_file_actions_addclosefrom_np");
        if (request.WorkingDirectory is { } directory)
        {
            fixed (byte* path = Libc.CString(directory))
            {
                Check(Libc.posix_spawn_file_actions_addchdir_np(actions, path), "posix_spawn_file_actions_addchdir_np");
            }
        }
    }

    private static void SetAttributes(byte* attributes, SpawnRequest request)
    {
        byte* signals = stackalloc byte[Libc.OpaqueBytes];
        int flags = Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | (request.NewSession ? Libc.POSIX_SPAWN_SETSID : 0);
        Check(Libc.posix_spawnattr_init(attributes), "posix_spawnattr_init");
        Check(Libc.posix_spawnattr_setflags(attributes, (short)flags), "posix_spawnattr_setflags");
        _ = Libc.sigfillset(signals);
        Check(Libc.posix_spawnattr_setsigdefault(attributes, signals), "posix_spawnattr_setsigdefault");
        _ = Libc.sigemptyset(signals);
        Check(Libc.posix_spawnattr_setsigmask(attributes, signals), "posix_spawnattr_setsigmask");
    }

    private static void Check(int error, string call, string? subject = null) => LinuxException.Check(-error, call, subject);
}
