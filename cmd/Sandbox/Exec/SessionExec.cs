using System.Collections.Concurrent;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What runs in one session.</summary>
internal sealed class SessionExec : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, InputEnd> _inputs = new(StringComparer.Ordinal);
    private int _runs;

    internal SessionExec(SandboxSession session, DescriptorLoop loop, TimeProvider time)
    {
        Lingering = new Lingering(loop);
        Shell = new SessionShell(session, loop, Lingering, time);
    }

    /// <summary>The session's shell.</summary>
    internal SessionShell Shell { get; }

    internal Lingering Lingering { get; }

    /// <summary>Background commands and terminals.</summary>
    internal JobTable Jobs { get; } = new();

    /// <summary>Takes one of the places of commands that run beside each other.</summary>
    /// <exception cref="SandboxException">All are taken.</exception>
    internal void TakePlace()
    {
        if (Interlocked.Increment(ref _runs) > ExecLimits.MaxRuns)
        {
            Interlocked.Decrement(ref _runs);
            throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyExecs, $"{ExecLimits.MaxRuns} commands run in the session already; wait for one");
        }
    }

    internal void LeavePlace() => Interlocked.Decrement(ref _runs);

    /// <summary>Gives an open input a name.</summary>
    /// <exception cref="SandboxException">It is taken.</exception>
    internal void Name(string id, InputEnd input)
    {
        if (!_inputs.TryAdd(id, input))
        {
            throw new SandboxException(ErrorCode.Conflict, SandboxReasons.JobExists, $"something of the id \"{id}\" runs in the session already; choose another");
        }
    }

    internal void Forget(string id) => _inputs.TryRemove(id, out _);

    internal InputEnd? InputOf(string id) => _inputs.GetValueOrDefault(id);

    public async ValueTask DisposeAsync()
    {
        await Shell.DisposeAsync().ConfigureAwait(false);
        await Jobs.DisposeAsync().ConfigureAwait(false);
        Lingering.Dispose();
    }
}
