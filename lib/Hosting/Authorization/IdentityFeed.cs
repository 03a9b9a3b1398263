using System.Globalization;
using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// Keeps a verifier current: follows <c>identity.watch</c>, takes a snapshot at every connect, puts each change in force
/// and confirms it, so that a revocation is answered only once it holds here.
/// </summary>
public sealed class IdentityFeed
{
    /// <summary>A verifier that has heard nothing from identity for this long denies. Default 15 s, five heartbeats.</summary>
    public static readonly TimeSpan DefaultStaleness = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(5);

    private readonly string _verifier;
    private readonly string _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TimeSpan _staleness;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Policy.RevokedCapability> _snapshot = [];
    private readonly List<RevocationRule> _rules = [];
    private long _heardAt = long.MinValue;
    private bool _isCurrent;
    private bool _lossTold;

    /// <summary>Prepares the feed; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="verifier">Name under which identity knows this verifier.</param>
    /// <param name="settings">The node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where connects and losses are told.</param>
    /// <param name="staleness">See <see cref="DefaultStaleness"/>.</param>
    public IdentityFeed(string verifier, NodeSettings settings, TimeProvider time, ILogger log, TimeSpan? staleness = null)
    {
        (_verifier, _socket, _time, _log, _staleness) = (verifier, settings.SocketOf("identity"), time, log, staleness ?? DefaultStaleness);
        Revocations = new RevocationSet();
        Verifier = new TokenVerifier(Ed25519Provider.Create(), KeySet.Empty, Revocations);
    }

    /// <summary>Verifies tokens by what the feed has brought so far.</summary>
    public TokenVerifier Verifier { get; }

    /// <summary>The revocations in force.</summary>
    public RevocationSet Revocations { get; }

    /// <summary>Completes when the first snapshot is in force.</summary>
    public Task FirstSnapshot => _first.Task;

    /// <summary>Whether identity was heard of recently enough to rely on what is known.</summary>
    public bool IsFresh
    {
        get
        {
            var heardAt = Volatile.Read(ref _heardAt);
            return heardAt != long.MinValue && _time.GetElapsedTime(heardAt) < _staleness;
        }
    }

    /// <summary>
    /// Told, after it is in force, that something was revoked. A revocation reaches whatever was derived from a capability, so everything
    /// that is live must be looked at again (<see cref="RevocationSet.Check(CapabilityClaims)"/>).
    /// </summary>
    public event Action? Revoked;

    /// <summary>Follows identity until cancelled, through every loss of the connection.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var retry = FirstRetry;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var client = await RpcClient.ConnectAsync(_socket, _time, PeerAuthority.MayServe, cancellation).ConfigureAwait(false);
                await using (client.ConfigureAwait(false))
                {
                    _snapshot.Clear();
                    _rules.Clear();
                    await FollowAsync(client, cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is RpcException or System.Text.Json.JsonException or FormatException or ArgumentException)
            {
                TellLoss(e);
                // An identity that takes connections and then refuses to be watched must not be asked in a spin.
                retry = _isCurrent ? FirstRetry : retry;
                _isCurrent = false;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(retry, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            retry = retry + retry < MaxRetry ? retry + retry : MaxRetry;
        }
    }

    /// <summary>Says once that identity is gone, not at every attempt to find it again. One that takes its leave, to be restarted or with its node, is no trouble yet.</summary>
    private void TellLoss(Exception e)
    {
        long boundMs = (long)_staleness.TotalMilliseconds;
        if (_isCurrent && e is RpcException { Error.Reason: "draining" })
        {
            _log.IdentityStopping(e.Message, boundMs);
        }
        else if (!_lossTold)
        {
            _log.IdentityLost(e.Message, boundMs);
            _lossTold = true;
        }
    }

    private async Task FollowAsync(RpcClient client, CancellationToken cancellation)
    {
        var request = RpcRequest.Of("identity.watch", new WatchParams(_verifier), ContractsJson.Default.WatchParams);
        string? watchId = null;
        await foreach (var frame in client.StreamAsync(request, cancellation).ConfigureAwait(false))
        {
            if (frame.Error is not null || !frame.Continues)
            {
                throw new RpcException(frame.Error ?? RpcError.Unavailable("identity ended the watch"));
            }

            try
            {
                watchId = await TakeAsync(client, frame.Get(ContractsJson.Default.WatchItem), watchId, cancellation).ConfigureAwait(false);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // Leaving the loop would cancel the watch, and identity would take that for a goodbye of a verifier that
                // goes on verifying. A broken connection makes it wait for this one.
                await client.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Puts an item in force, confirms it, and gives the id to confirm the next one with.</summary>
    private async Task<string?> TakeAsync(RpcClient client, WatchItem item, string? watchId, CancellationToken cancellation)
    {
        watchId = item.WatchId ?? watchId;
        var changed = Apply(item);
        if (_isCurrent)
        {
            // Before the snapshot is whole, revocations are missing: keys alone are nothing to rely on.
            Hear(item);
        }

        if (changed && watchId is not null)
        {
            await client.CallAsync(
                "identity.confirm", new ConfirmParams(watchId, item.Seq), ContractsJson.Default.ConfirmParams, ContractsJson.Default.StatusResult,
                deadline: ConfirmTimeout, cancellation: cancellation).ConfigureAwait(false);
        }

        return watchId;
    }

    /// <summary>
    /// Notes that identity was heard of. What counts is when it spoke, not when that is read: a process that was halted
    /// finds old news waiting.
    /// </summary>
    private void Hear(WatchItem item) =>
        Volatile.Write(ref _heardAt, item.MadeAtMs is { } madeAtMs ? MonotonicClock.ToTimestamp(_time, madeAtMs) : _time.GetTimestamp());

    /// <summary>Puts an item in force; true when it must be confirmed.</summary>
    private bool Apply(WatchItem item)
    {
        var revoked = (item.Revoked ?? []).Select(ToPolicy).ToList();
        if (item.Kind == "snapshot")
        {
            return ApplySnapshot(item, revoked);
        }

        if (item.Keys is { } keys)
        {
            Verifier.ReplaceKeys(ToKeySet(keys));
        }

        foreach (var entry in revoked)
        {
            Revocations.Add(entry);
        }

        foreach (var rule in item.Rules ?? [])
        {
            Revocations.AddRule(ToPolicy(rule));
        }

        if (revoked.Count > 0 || item.Rules is not null)
        {
            Revoked?.Invoke();
        }

        Revocations.Prune(_time.GetUtcNow());
        return item.Kind == "change";
    }

    private bool ApplySnapshot(WatchItem item, List<Policy.RevokedCapability> revoked)
    {
        if (item.Keys is { } keys)
        {
            _snapshot.Clear();
            _rules.Clear();
            Verifier.ReplaceKeys(ToKeySet(keys));
        }

        _snapshot.AddRange(revoked);
        _rules.AddRange((item.Rules ?? []).Select(ToPolicy));
        if (item.Complete != true)
        {
            return false;
        }

        Revocations.Replace(_snapshot, _rules);
        _log.IdentityFollowed(Verifier.Keys.Keys.Length, _snapshot.Count, item.Seq);
        _snapshot.Clear();
        _rules.Clear();
        _lossTold = false;
        _isCurrent = true;
        Revoked?.Invoke();
        Hear(item);
        _first.TrySetResult();
        return true;
    }

    private static Policy.RevokedCapability ToPolicy(Contracts.RevokedCapability entry) =>
        new(entry.CapId, DateTimeOffset.FromUnixTimeSeconds(entry.Expires));

    private static RevocationRule ToPolicy(RevokedRule rule) => new(
        rule.Scope switch
        {
            "subject" => RevocationScope.Subject,
            "template" => RevocationScope.Template,
            "key" => RevocationScope.Key,
            "everything" => RevocationScope.Everything,
            _ => throw new FormatException($"identity revokes by {rule.Scope}, which this version does not know"),
        },
        rule.Value,
        DateTimeOffset.FromUnixTimeSeconds(rule.Before),
        DateTimeOffset.FromUnixTimeSeconds(rule.Expires));

    private static KeySet ToKeySet(IReadOnlyList<Contracts.VerificationKey> keys) => KeySet.Of(keys.Select(key => new Policy.VerificationKey(
        key.Version switch
        {
            "v2" => TokenVersion.V2,
            "v4" => TokenVersion.V4,
            _ => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"identity offers a key of unknown version {key.Version}")),
        },
        Convert.FromBase64String(key.PublicKey),
        isNamedOnly: key.NamedOnly == true)));
}
