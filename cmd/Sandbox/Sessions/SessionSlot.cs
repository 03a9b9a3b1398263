using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>A session's place in the table, from before its first sandbox is made until nothing is left of it.</summary>
internal sealed class SessionSlot(SessionRecord record, CapabilityClaims capability, long bornAt) : IDisposable
{
    private readonly List<long> _restarts = [];
    private int _closing;

    /// <summary>What it comes back from.</summary>
    internal SessionRecord Record { get; set; } = record;

    /// <summary>What made it: a revocation of that ends it.</summary>
    internal CapabilityClaims Capability { get; } = capability;

    /// <summary>Timestamp of its making, by another process perhaps.</summary>
    internal long BornAt { get; } = bornAt;

    /// <summary>Values that are not on disk.</summary>
    internal IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Values that are not inside either.</summary>
    internal SessionSecrets Placeholders { get; init; } = SessionSecrets.None;

    /// <summary>One change at a time: making, exchanging, ending.</summary>
    internal SemaphoreSlim Change { get; } = new(1, 1);

    /// <summary>The session; null while there is no sandbox.</summary>
    internal SandboxSession? Session { get; set; }

    /// <summary>Why there is none any more; null while there is, or soon will be.</summary>
    internal string? Lost { get; private set; }

    /// <summary>Since when there is none.</summary>
    internal long LostAt { get; private set; }

    /// <summary>Why its sandbox is not the first; null while it is.</summary>
    internal string? RestoredBy { get; set; }

    /// <summary>Whether its secrets went with an earlier process.</summary>
    internal bool SecretsLost => Record.Terms.Secrets.Count > Secrets.Count || Record.Terms.Placeholders.Count > Placeholders.Names.Count;

    /// <summary>Its workspace while it has one.</summary>
    internal AttachedWorkspace? Workspace { get; set; }

    /// <summary>The directories of its image while it has them.</summary>
    internal ImageLayers? Image { get; set; }

    /// <summary>What its image says of programs.</summary>
    internal SessionDefaults Defaults => new(Image?.Defaults);

    /// <summary>Completes when its first sandbox is there or could not be made.</summary>
    internal TaskCompletionSource Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the name is free again.</summary>
    internal TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether somebody ends it.</summary>
    internal bool IsClosing => Volatile.Read(ref _closing) == 1;

    /// <summary>Ends it; true for the one who does.</summary>
    internal bool BeginClosing() => Interlocked.Exchange(ref _closing, 1) == 0;

    /// <summary>It is lost.</summary>
    internal void Lose(string reason, long now) => (Lost, LostAt, Session) = (reason, now, null);

    /// <summary>Whether its sandbox, which ended by itself, gets a successor; counts that.</summary>
    internal bool TakeRestart(TimeProvider time)
    {
        var may = SessionLife.MayRestart(_restarts.Select(at => time.GetElapsedTime(at)));
        _restarts.Add(time.GetTimestamp());
        return may;
    }

    /// <summary>The session, for whoever wants to work with it.</summary>
    /// <exception cref="SandboxException">There is none, for now or for good.</exception>
    internal SandboxSession Require() => this switch
    {
        { IsClosing: true } => throw SandboxSession.NotFound(),
        { Session: { } session } => session,
        { Lost: { } why } => throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SessionLost, $"the session is lost: {why}; close it, and create it anew"),
        _ => throw new SandboxException(ErrorCode.Conflict, SandboxReasons.SessionBusy, "the session is being made; try again shortly"),
    };

    public void Dispose() => Change.Dispose();
}
