using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Carries out a <see cref="SpawnRequest"/> with posix_spawn(3) on the calling thread.</summary>
internal static unsafe class Spawner
{
    internal static ChildProcess Spawn(SpawnRequest request)
    {
        if (request.IsConfined)
        {
            return ConfinedSpawn.Spawn(request);
        }

        using var prepared = Prepare(request, hold: false);
        return Open(request, prepared.TrySpawn(), keeper: null);
    }

    /// <summary>Makes everything ready, so that the spawn itself is one call.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="hold">Whether the child first stops where <see cref="SpawnHold"/> expects it.</param>
    /// <param name="listener">The number of the hold's listener, which is no business of the child; null without one.</param>
    internal static Prepared Prepare(SpawnRequest request, bool hold, int? listener = null)
    {
        request.Validate();
        var prepared = new Prepared(request);
        try
        {
            AddActions(prepared.Actions, request, prepared.Lifted, hold, listener);
            SetAttributes(prepared.Attributes);
            Check(Libc.posix_spawnattr_setflags(prepared.Attributes, FlagsOf(request)), "posix_spawnattr_setflags");
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>The child of a spawn that answered this; a negated error is thrown.</summary>
    internal static ChildProcess Open(SpawnRequest request, int result, IDisposable? keeper) =>
        ChildProcess.Open(LinuxException.Check(result, "posix_spawn", request.Program), request.NewSession, keeper, request.Group);

    private static void AddActions(byte* actions, SpawnRequest request, List<FileDescriptor> lifted, bool hold, int? listener)
    {
        if (listener is { } number)
        {
            Check(Libc.posix_spawn_file_actions_addclose(actions, number), "posix_spawn_file_actions_addclose");
        }

        if (hold)
        {
            Check(Libc.posix_spawn_file_actions_addfchdir_np(actions, SpawnHold.NoDescriptor), "posix_spawn_file_actions_addfchdir_np");
        }

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

    private static short FlagsOf(SpawnRequest request) =>
        (short)(Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | (request.NewSession ? Libc.POSIX_SPAWN_SETSID : 0));

    private static void SetAttributes(byte* attributes)
    {
        byte* signals = stackalloc byte[Libc.OpaqueBytes];
        Check(Libc.posix_spawnattr_init(attributes), "posix_spawnattr_init");
        _ = Libc.sigfillset(signals);
        Check(Libc.posix_spawnattr_setsigdefault(attributes, signals), "posix_spawnattr_setsigdefault");
        _ = Libc.sigemptyset(signals);
        Check(Libc.posix_spawnattr_setsigmask(attributes, signals), "posix_spawnattr_setsigmask");
    }

    private static void Check(int error, string call, string? subject = null) => LinuxException.Check(-error, call, subject);

    /// <summary>All arguments of one posix_spawn, in native memory.</summary>
    internal sealed class Prepared : IDisposable
    {
        private readonly CStringArray _path;
        private readonly CStringArray _arguments;
        private readonly CStringArray _environment;
        private readonly byte* _room;

        internal Prepared(SpawnRequest request)
        {
            _path = new CStringArray([request.Program]);
            _arguments = new CStringArray(request.Arguments);
            _environment = new CStringArray(request.Environment);
            _room = (byte*)NativeMemory.AllocZeroed(2 * Libc.OpaqueBytes);
            Check(Libc.posix_spawn_file_actions_init(Actions), "posix_spawn_file_actions_init");
        }

        internal byte* Actions => _room;

        internal byte* Attributes => _room + Libc.OpaqueBytes;

        internal List<FileDescriptor> Lifted { get; } = [];

        /// <summary>Spawns.</summary>
        /// <returns>The pid, or a negated <see cref="Errno"/>.</returns>
        internal int TrySpawn()
        {
            int pid;
            int error = Libc.posix_spawn(&pid, *_path.Pointer, Actions, Attributes, _arguments.Pointer, _environment.Pointer);
            return error == 0 ? pid : -error;
        }

        public void Dispose()
        {
            _ = Libc.posix_spawn_file_actions_destroy(Actions);
            NativeMemory.Free(_room);
            Lifted.ForEach(descriptor => descriptor.Dispose());
            _path.Dispose();
            _arguments.Dispose();
            _environment.Dispose();
        }
    }
}
