using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Hands every instance of a service the capabilities of its manifest, exactly those, renews them while it lives, and takes
/// them away when it has ended. A node without such services has no timer and no file of it.
/// </summary>
/// <param name="settings">The node.</param>
/// <param name="plan">How long they live.</param>
/// <param name="issuer">Identity.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where trouble is told.</param>
internal sealed class CapabilityKeeper(NodeSettings settings, RenewalPlan plan, ICapabilityIssuer issuer, TimeProvider time, ILogger log)
{
    /// <summary>How long a start waits for identity; then it counts as failed and is tried again after its backoff.</summary>
    internal static readonly TimeSpan GrantTimeout = TimeSpan.FromSeconds(3);

    private readonly CapabilityFiles _files = new(settings);
    private readonly CapabilityLedger _ledger = new(settings);
    private readonly ConcurrentDictionary<string, Holding> _holdings = new(StringComparer.Ordinal);
    private volatile TokenVerifier? _verifier;
    private readonly Channel<bool> _withdrawn = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Removes files that an earlier supervisor left; once, before anything is started.</summary>
    /// <param name="living">Instances that go on, and keep theirs.</param>
    /// <exception cref="IOException">They cannot be removed.</exception>
    internal void Clear(IEnumerable<(string Service, int Incarnation)> living) => _files.Clear(living.Select(one => _files.PathOf(one.Service, one.Incarnation)).ToHashSet(StringComparer.Ordinal));

    /// <summary>Goes on with what an earlier supervisor has handed to an instance that lives: it is renewed at once, and revoked at its end.</summary>
    internal void Adopt(ServiceManifest manifest, int incarnation, ProcessUser? user)
    {
        if (!manifest.Capabilities.IsEmpty)
        {
            var holding = new Holding(manifest, incarnation, user);
            holding.Ids = _ledger.Read().FirstOrDefault(entry => entry.Name == holding.Key)?.Ids ?? [];
            _holdings[holding.Key] = holding;
            _ = RenewAsync(holding, failures: 1);
        }
    }

    /// <summary>Gives an instance its capabilities.</summary>
    /// <param name="manifest">The service.</param>
    /// <param name="incarnation">The instance that is about to start.</param>
    /// <param name="user">Whom it will run as.</param>
    /// <returns>The file with them; null when its manifest gives it none.</returns>
    /// <exception cref="UngrantedException">They cannot be had now; the message says why.</exception>
    internal async Task<string?> GrantAsync(ServiceManifest manifest, int incarnation, ProcessUser? user)
    {
        if (manifest.Capabilities.IsEmpty)
        {
            return null;
        }

        var holding = new Holding(manifest, incarnation, user);
        _holdings[holding.Key] = holding;
        using var late = new CancellationTokenSource(GrantTimeout, time);
        try
        {
            await FetchAsync(holding, late.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            Withdraw(manifest.Name, incarnation);
            throw new UngrantedException(ReasonOf(e), e);
        }

        _ = RenewAsync(holding, failures: IsEnded(holding) ? 1 : 0);
        return _files.PathOf(manifest.Name, incarnation);
    }

    /// <summary>The directory of a service's files, for its confinement.</summary>
    internal string DirectoryOf(string service) => _files.DirectoryOf(service);

    /// <summary>The file of what is held.</summary>
    internal string PathOf(Holding holding) => _files.PathOf(holding.Manifest.Name, holding.Incarnation);

    /// <summary>What the latest instance of a service holds; null when it holds nothing.</summary>
    internal Holding? Of(string service) => _holdings.Values.Where(h => h.Manifest.Name == service && h.Expires > 0).MaxBy(h => h.Incarnation);

    /// <summary>Takes away what an instance holds: its file at once, and its capabilities as soon as identity answers. Does not block.</summary>
    internal void Withdraw(string service, int incarnation)
    {
        if (!_holdings.TryGetValue(CapabilityLedger.NameOf(service, incarnation), out var holding))
        {
            return;
        }

        lock (holding.Writing)
        {
            holding.Withdraw();
            TryRemoveFile(holding);
        }

        // Only what is no longer held is revoked, so this is last.
        _ = _holdings.TryRemove(holding.Key, out _);
        _withdrawn.Writer.TryWrite(true);
    }

    /// <summary>
    /// Has what is held issued anew at once where a revocation of everything by a key or of a time has ended it: that is aimed at whoever has
    /// stolen a key or tokens, and services hold theirs by their manifests all the same. What was revoked by id, subject or template
    /// was meant to end, and stays so until its time.
    /// </summary>
    internal void RenewEnded(TokenVerifier verifier)
    {
        _verifier = verifier;
        foreach (var holding in _holdings.Values.Where(IsEnded))
        {
            log.CapabilitiesEnded(holding.Manifest.Name);
            holding.Hurry();
        }
    }

    private bool IsEnded(Holding holding)
    {
        if (_verifier is not { } verifier)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var sweeping = verifier.Revocations.Rules.Where(rule => rule.Scope is RevocationScope.Key or RevocationScope.Everything).ToList();
        return sweeping.Count > 0 && holding.Tokens.Any(token => verifier.Verify(Encoding.ASCII.GetBytes(token), now) is { Reason: DenyReason.Revoked, Dead: { } dead }
            && sweeping.Exists(rule => rule.Ends(dead, dead.SignedBy ?? "")));
    }

    /// <summary>Revokes what is held no longer, also what earlier supervisors handed out; until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await RevokeLeftAsync(cancellation).ConfigureAwait(false);
                failures = 0;
                await _withdrawn.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException)
            {
                if (++failures == 1)
                {
                    log.RevocationsWait(e.Message);
                }

                await Task.Delay(RenewalPlan.Retry(failures), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RevokeLeftAsync(CancellationToken cancellation)
    {
        foreach (var entry in _ledger.Read().Where(e => !_holdings.ContainsKey(e.Name)))
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            await issuer.RevokeAsync([.. entry.Ids.Where(id => id.Expires > now).Select(id => id.CapabilityId)], cancellation).ConfigureAwait(false);
            _ledger.Remove(entry);
        }
    }

    /// <summary>Fetches the next capabilities of an instance and puts them in its file.</summary>
    private async Task FetchAsync(Holding holding, CancellationToken cancellation)
    {
        var issued = await issuer.IssueAsync(holding.Wanted(plan.Lifetime), cancellation).ConfigureAwait(false);
        lock (holding.Writing)
        {
            if (holding.IsWithdrawn)
            {
                return; // Nobody has seen them.
            }

            var now = time.GetUtcNow().ToUnixTimeSeconds();
            IReadOnlyList<IssuedId> ids = [.. holding.Ids.Where(id => id.Expires > now), .. issued.Select(i => new IssuedId(i.CapId, i.Expires))];
            _ledger.Write(holding.Manifest.Name, holding.Incarnation, ids);
            holding.Ids = ids;
            _files.Write(holding.Manifest.Name, holding.Incarnation, holding.Shown(issued), holding.User);
            holding.Expires = issued.Min(i => i.Expires);
            holding.Tokens = [.. issued.Select(i => i.Token)];
        }
    }

    private async Task RenewAsync(Holding holding, int failures = 0)
    {
        while (true)
        {
            await holding.Hurried.WaitAsync(failures == 0 ? plan.UntilRenewal : RenewalPlan.Retry(failures), time, holding.End).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            holding.TakeHurry();
            if (holding.IsWithdrawn)
            {
                holding.Dispose();
                return;
            }

            failures = await TryRenewAsync(holding).ConfigureAwait(false) ? Told(holding, failures) : failures + 1;
        }
    }

    /// <summary>Says that a trouble is over, if there was one.</summary>
    private int Told(Holding holding, int failures)
    {
        if (failures > 0)
        {
            log.CapabilitiesRenewedAtLast(holding.Manifest.Name);
        }

        return 0;
    }

    private async Task<bool> TryRenewAsync(Holding holding)
    {
        using var late = new CancellationTokenSource(GrantTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, holding.End);
        try
        {
            await FetchAsync(holding, either.Token).ConfigureAwait(false);
            holding.Trouble = null;
            // Signed before the key was revoked, and here after that was heard of: such do not count.
            return !IsEnded(holding);
        }
        catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            if (holding.Trouble is null && !holding.IsWithdrawn)
            {
                log.CapabilitiesNotRenewed(holding.Manifest.Name, ReasonOf(e), Math.Max(0, holding.Expires - time.GetUtcNow().ToUnixTimeSeconds()));
            }

            holding.Trouble = ReasonOf(e);
            return false;
        }
    }

    private void TryRemoveFile(Holding holding)
    {
        try
        {
            _files.Remove(holding.Manifest.Name, holding.Incarnation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Revoked it is useless all the same.
            log.CapabilityFileStays(holding.Manifest.Name, e.Message);
        }
    }

    private static string ReasonOf(Exception e) => e switch
    {
        RpcException rpc => rpc.Error.Message,
        OperationCanceledException => $"identity did not answer within {GrantTimeout.TotalSeconds:0} s",
        _ => e.Message,
    };
}
