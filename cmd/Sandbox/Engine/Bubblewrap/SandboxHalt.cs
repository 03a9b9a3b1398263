using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Stops all processes of a sandbox that has no control group for them, for a pause or while something is done that nobody may flee from.</summary>
internal sealed class SandboxHalt : IAsyncDisposable
{
    private const int MaxTicks = 2000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly BubblewrapEngine _engine;
    private readonly FileDescriptor _init;
    private readonly SafeFileHandle _namespace;
    private readonly NamespaceMembers _members;
    private readonly SemaphoreSlim _turn = new(1);
    private IReadOnlyList<(int Pid, ulong StartTicks)> _stopped = [];
    private bool _halted;
    private bool _gone;

    /// <summary>For those beside the first process, which does nothing but reap.</summary>
    /// <param name="engine">Where signals are sent from.</param>
    /// <param name="init">A pidfd of the first process; disposed after this.</param>
    /// <param name="pid">Its number.</param>
    /// <exception cref="SandboxException">It has ended.</exception>
    internal SandboxHalt(BubblewrapEngine engine, FileDescriptor init, int pid)
    {
        (_engine, _init) = (engine, init);
        try
        {
            // Held open, so that the number is not given to another sandbox's.
            _namespace = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/pid"), share: FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BubblewrapSandbox.HasEnded();
        }

        _members = NamespaceMembers.Of("pid", (int)_namespace.DangerousGetHandle(), pid);
    }

    /// <summary>How many there are.</summary>
    internal int Count => _members.All().Count();

    /// <summary>Stops them until <see cref="ContinueAsync"/>.</summary>
    /// <returns>Whether all stand.</returns>
    internal Task<bool> TryHaltAsync() => InTurnAsync(() =>
    {
        _halted = true;
        return TryStopAsync();
    });

    /// <summary>Lets them go on.</summary>
    internal Task ContinueAsync() => InTurnAsync(async () =>
    {
        _halted = false;
        await SignalContinueAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>Does something while they stand, so that nobody is born.</summary>
    /// <exception cref="SandboxException">They did not come to stand in time. It was done all the same.</exception>
    internal Task HoldAsync(Action action) => InTurnAsync(async () =>
    {
        if (_halted)
        {
            action();
            return true;
        }

        bool areStill = await TryStopAsync().ConfigureAwait(false);
        action();
        await SignalContinueAsync().ConfigureAwait(false);
        return areStill ? areStill : throw BubblewrapSandbox.StillMoves();
    });

    /// <summary>Afterwards everything here is refused.</summary>
    public async ValueTask DisposeAsync() => await InTurnAsync(() =>
    {
        _gone = true;
        _namespace.Dispose();
        return Task.FromResult(true);
    }).ConfigureAwait(false);

    private async Task<T> InTurnAsync<T>(Func<Task<T>> action)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return _gone ? throw BubblewrapSandbox.HasEnded() : await action().ConfigureAwait(false);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task<bool> TryStopAsync()
    {
        _stopped = _members.Stopped();
        await EverybodySignal.SendAsync(_engine, _init, Signal.SIGSTOP).ConfigureAwait(false);
        using var timer = new PeriodicTimer(Interval);
        // One who bears another just now goes on until that is done, and whoever was about to come in from outside is stopped by itself.
        for (int tick = 0; tick < MaxTicks; tick++)
        {
            if (_members.TryStop())
            {
                return true;
            }

            _ = await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }

        return false;
    }

    // But those whom somebody inside had stopped.
    private async Task SignalContinueAsync()
    {
        await EverybodySignal.SendAsync(_engine, _init, Signal.SIGCONT).ConfigureAwait(false);
        foreach (var (pid, startTicks) in _stopped)
        {
            _ = KnownProcess.TrySignal(pid, startTicks, Signal.SIGSTOP);
        }
    }
}
