using System.Runtime.CompilerServices;

namespace Strata.Linux;

/// <summary>
/// One spawn on a thread of its own, which confines itself first; the child inherits that. The thread stays until the child is disposed, for a
/// parent-death signal that the child asks for fires when the thread that made it ends.
/// </summary>
internal sealed class ConfinedSpawn : IDisposable
{
    private const int StackBytes = 256 * 1024;

    private static readonly Confinement Nothing = new() { NoNewPrivileges = false };
    private static bool _warm;

    private readonly SpawnRequest _request;
    private readonly ThreadConfinement _confinement;
    private readonly bool _hold;
    private readonly SemaphoreSlim _spawned = new(0);
    private readonly SemaphoreSlim _release = new(0);
    private FileDescriptor? _place;
    private ThreadConfinement.Step _failed;
    private Exception? _error;
    private PreparedSpawn? _prepared;
    private int _result;

    private ConfinedSpawn(SpawnRequest request)
    {
        _request = request;
        _hold = request.Limits is { IsEmpty: false } || request.Group is not null;
        _confinement = new ThreadConfinement(request.Confinement ?? Nothing, request.Program);
    }

    /// <summary>Spawns; the calling thread stays as free as it was.</summary>
    /// <exception cref="ConfinementException">This machine cannot confine or limit as asked.</exception>
    /// <exception cref="LinuxException">The spawn failed.</exception>
    internal static ChildProcess Spawn(SpawnRequest request)
    {
        WarmUp();
        var spawn = new ConfinedSpawn(request);
        try
        {
            return spawn.Run();
        }
        catch
        {
            spawn.Dispose();
            throw;
        }
    }

    /// <summary>Lets the thread end: whoever armed a parent-death signal gets it now.</summary>
    public void Dispose() => _release.Release();

    private ChildProcess Run()
    {
        using var confinement = _confinement;
        if (_hold || _confinement.HoldsAtExec)
        {
            using var nothing = new EventFd();
            _place = FileDescriptor.Duplicate(nothing.Handle.Number);
        }

        using var prepared = PreparedSpawn.Of(_request, _hold && !_confinement.HoldsAtExec, _place?.Number);
        _prepared = prepared;
        new Thread(OnThread, StackBytes) { IsBackground = true, Name = "confined spawn" }.Start();
        _spawned.Wait();
        if (_error is not null || _failed.Failed || _result < 0)
        {
            _place?.Dispose();
            throw _error ?? (_failed.Failed ? ConfinementException.Refused(_failed.Field, _failed.Call, _failed.Result) : new LinuxException(_result, "clone", _request.Program));
        }

        prepared.LeaveToChild();
        bool atExec = _confinement.HoldsAtExec;
        if (atExec)
        {
            prepared.OpenGate(); // The hold is behind it, and keeps the child from its program just as well.
        }

        var refused = Attend(prepared.Done, atExec ? _request.BeforeStart : null);
        var beforeStart = atExec ? null : _request.BeforeStart;
        return Spawner.Open(_request, prepared.Finish(_result, refused is null ? beforeStart : _ => throw refused), this);
    }

    /// <summary>Sets the limits of the child while it is held.</summary>
    private Exception? Attend(FileDescriptor done, Action<int>? beforeStart)
    {
        if (_place is null)
        {
            return null;
        }

        try
        {
            SpawnHold.Attend(_place, done, _confinement.HoldsAtExec, pid =>
            {
                _request.Group?.Admit(pid);
                _request.Limits?.ApplyTo(pid);
                beforeStart?.Invoke(pid);
            });
            return null;
        }
#pragma warning disable CA1031 // It is thrown to whoever asked once the child has been buried.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    // The pool must not be touched here, nor anything loaded or thrown once confined: see ThreadConfinement.
    private void OnThread()
    {
        try
        {
            _failed = _confinement.Apply(_place?.Number);
            if (!_failed.Failed)
            {
                SpawnAsUser();
            }
        }
#pragma warning disable CA1031 // Whatever it is belongs to whoever asked; the other threads must not end with this one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _error = e;
        }

        bool alive = _error is null && !_failed.Failed && _result >= 0;
        _spawned.Release();
        if (alive)
        {
            _release.Wait();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SpawnAsUser()
    {
        _failed = _confinement.EnterUser();
        if (!_failed.Failed)
        {
            _result = _prepared!.TrySpawn();
        }

        _confinement.LeaveUser();
    }

    /// <summary>Runs every call once where nothing is confined, so that no library is searched for by a thread that may not read it.</summary>
    private static void WarmUp()
    {
        if (_warm)
        {
            return;
        }

        _warm = true;
        ThreadWarmUp.Run();
    }
}
