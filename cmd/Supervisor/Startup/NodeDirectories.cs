using System.Globalization;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>The node's two directories and the lock that makes this the only supervisor on them.</summary>
internal sealed class NodeDirectories : IDisposable
{
    internal const string LockName = "supervisor.lock";

    internal const int RuntimeMode = 0x1ED; // 0755

    private const int StateMode = 0x1C0; // 0700
    private const int LockMode = 0x180; // 0600

    private static readonly TimeSpan DeadHolderPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DeadHolderPause = TimeSpan.FromMilliseconds(2);

    private readonly FileDescriptor _runtime;
    private readonly FileLock _lock;

    private NodeDirectories(FileDescriptor runtime, FileLock held) => (_runtime, _lock) = (runtime, held);

    /// <summary>The runtime directory.</summary>
    internal FileDescriptor Runtime => _runtime;

    /// <summary>The descriptor that holds the lock.</summary>
    internal int LockNumber => _lock.Number;

    /// <summary>Makes or checks the directories and takes the lock.</summary>
    /// <param name="settings">The node.</param>
    /// <param name="handover">From the program that this one has replaced, if it has.</param>
    /// <exception cref="AlreadyRunsException">Another supervisor holds it.</exception>
    /// <exception cref="IOException">A directory cannot be made or must not be trusted.</exception>
    internal static NodeDirectories Claim(NodeSettings settings, Handover? handover = null)
    {
        var runtime = Ensure(settings.RuntimeDir, RuntimeMode);
        try
        {
            var held = (handover?.Take(Handover.LockName) is { } given ? FileLock.TryAdopt(runtime, LockName, given) : null) ?? Acquire(runtime) ?? throw AlreadyRuns(settings, FileLock.TryReadHolder(runtime, LockName));
            using var state = Ensure(settings.StateDir, StateMode);
            return new NodeDirectories(runtime, held);
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    /// <summary>Empties the lock file and lets go; the file itself must stay, or a lock on it would exclude nobody.</summary>
    public void Dispose()
    {
        try
        {
            using var content = AppendOnlyFile.Open(_runtime, LockName, LockMode);
            content.Truncate(0);
        }
        catch (LinuxException)
        {
            // The pid in it only informs; somebody may have removed the whole directory.
        }

        _lock.Dispose();
        _runtime.Dispose();
    }

    /// <summary>A child that a killed supervisor has just made shares its lock for the moment that it takes to notice, and to end.</summary>
    private static FileLock? Acquire(FileDescriptor runtime)
    {
        using var pause = new ManualResetEventSlim();
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (FileLock.TryAcquire(runtime, LockName) is { } held)
            {
                return held;
            }

            var lives = FileLock.TryReadHolder(runtime, LockName) is not { } holder || ProcessStat.Of(holder) is { IsZombie: false };
            if (lives || TimeProvider.System.GetElapsedTime(begun) > DeadHolderPatience)
            {
                return null;
            }

            _ = pause.Wait(DeadHolderPause);
        }
    }

    private static FileDescriptor Ensure(string path, int mode)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            Directory.CreateDirectory(parent);
        }

        return PrivateDirectory.Ensure(path, mode);
    }

    private static AlreadyRunsException AlreadyRuns(NodeSettings settings, int? holder)
    {
        var who = holder is { } pid ? string.Create(CultureInfo.InvariantCulture, $"another supervisor (pid {pid})") : "another supervisor";
        return new AlreadyRunsException($"{who} runs on {settings.RuntimeDir}; stop it, or choose another STRATA_RUNTIME_DIR");
    }
}
