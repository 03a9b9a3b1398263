using Strata.Contracts;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What one instance of a service holds.</summary>
/// <param name="manifest">Its manifest, which says what it may hold.</param>
/// <param name="incarnation">The instance.</param>
/// <param name="user">Whose the file is; null for the supervisor's own user.</param>
internal sealed class Holding(ServiceManifest manifest, int incarnation, ProcessUser? user) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ServiceManifest Manifest => manifest;

    internal int Incarnation => incarnation;

    internal ProcessUser? User => user;

    internal string Key => CapabilityLedger.NameOf(manifest.Name, incarnation);

    /// <summary>Guards the file: nothing is written after it was withdrawn.</summary>
    internal Lock Writing { get; } = new();

    /// <summary>The present tokens; empty before the first are fetched.</summary>
    internal IReadOnlyList<string> Tokens { get; set; } = [];

    /// <summary>Completes when they are to be renewed before their time.</summary>
    internal Task Hurried => Volatile.Read(ref _hurry).Task;

    /// <summary>Every capability handed out that may still be good, older ones included.</summary>
    internal IReadOnlyList<IssuedId> Ids { get; set; } = [];

    /// <summary>The end of the present ones, Unix seconds.</summary>
    internal long Expires { get; set; }

    /// <summary>Why they could not be renewed; null when the last attempt succeeded.</summary>
    internal string? Trouble { get; set; }

    internal bool IsWithdrawn { get; private set; }

    /// <summary>Cancelled when it is withdrawn.</summary>
    internal CancellationToken End => _end.Token;

    /// <summary>What to ask identity for.</summary>
    internal IReadOnlyList<IssueParams> Wanted(TimeSpan lifetime) =>
    [
        .. manifest.Capabilities.Select(held => new IssueParams(
            held.Service, Rights: held.Rights, PathPrefix: held.PathPrefix, RateLimit: held.RateLimit, TtlSeconds: (int)lifetime.TotalSeconds, Subject: $"service:{manifest.Name}")),
    ];

    /// <summary>What the service is shown of the answers, which come in the order of what was asked.</summary>
    internal IReadOnlyDictionary<string, HeldToken> Shown(IReadOnlyList<IssueResult> issued) => manifest.Capabilities.Zip(issued).ToDictionary(
        pair => pair.First.Service,
        pair => new HeldToken(
            pair.Second.Token, pair.Second.Expires, pair.First.Rights,
            pair.First is { PathPrefix: null, RateLimit: null } ? null : new ConstraintsView(pair.First.PathPrefix, pair.First.RateLimit)),
        StringComparer.Ordinal);

    /// <summary>Has the capabilities renewed now.</summary>
    internal void Hurry() => Volatile.Read(ref _hurry).TrySetResult();

    /// <summary>Takes note that they are about to be; whoever hurries after this is heard again.</summary>
    internal void TakeHurry()
    {
        if (Hurried.IsCompleted)
        {
            Volatile.Write(ref _hurry, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Nothing is written from here on.</summary>
    internal void Withdraw()
    {
        IsWithdrawn = true;
        _end.Cancel();
    }

    public void Dispose() => _end.Dispose();
}
