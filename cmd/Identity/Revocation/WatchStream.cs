using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;
using RevokedCapability = Strata.Policy.RevokedCapability;

namespace Strata.Identity;

/// <summary>Serves <c>identity.watch</c>.</summary>
/// <param name="board">What is revoked, the keys, and who follows.</param>
/// <param name="register">Remembers verifiers across restarts.</param>
/// <param name="issuer">The issuer to accept.</param>
/// <param name="log">Told when the register cannot be written.</param>
internal sealed class WatchStream(
    RevocationBoard board, VerifierRegister register, string issuer, ILogger log)
{
    /// <summary>Revocations in one snapshot item: with the longest ids about 0.4 MiB.</summary>
    internal const int MaxEntriesPerItem = 4096;

    /// <summary>Rules in one snapshot item: with the longest values about 0.25 MiB more.</summary>
    internal const int MaxRulesPerItem = 1024;

    internal static IReadOnlyList<Contracts.RevokedCapability> ToContract(IEnumerable<RevokedCapability> entries) =>
        [.. entries.Select(e => new Contracts.RevokedCapability(e.CapabilityId, e.ExpiresAt.ToUnixTimeSeconds()))];

    internal static IReadOnlyList<RevokedRule> ToContract(IEnumerable<RevocationRule> rules) =>
        [.. rules.Select(r => new RevokedRule(RuleRecords.ScopeName(r.Scope), r.Value, r.Before.ToUnixTimeSeconds(), r.ExpiresAt.ToUnixTimeSeconds()))];

    /// <summary>Lets a verifier in and remembers it on disk before it is told anything.</summary>
    internal async ValueTask<Reply<IAsyncEnumerable<WatchItem>>> OpenAsync(WatchParams parameters, CallContext call)
    {
        if (!call.WantsMore)
        {
            // Who does not stay to hear of changes is no verifier.
            var (snapshot, seq) = board.Look();
            return Reply.Ok(Snapshot(snapshot, seq, watchId: null, board.NowMs).ToAsyncEnumerable());
        }

        if (board.Join(new VerifierName(parameters.Verifier, call.Peer.Uid)) is not var (watcher, revoked, seen))
        {
            return RpcError.ResourceExhausted($"identity is followed by as many verifiers as may: {WatcherBook.MaxWatchers} in all, {WatcherBook.MaxVerifiersPerUid} of one user; stop some, or try again shortly", "too_many_watchers");
        }

        try
        {
            await Task.Run(() => register.Save(() => board.Verifiers)).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            log.VerifiersNotStored(e.Message);
            board.Leave(watcher, goodbye: false);
            return RpcError.Unavailable("this verifier could not be remembered on disk, so it cannot be served; see the log of identity", "storage_failed");
        }

        return Reply.Ok(Follow(watcher, revoked, seen, call));
    }

    /// <summary>Brings the register up to date; one name too many in it does no harm, so a failure is only told.</summary>
    internal void SaveRegister()
    {
        try
        {
            register.Save(() => board.Verifiers);
        }
        catch (LinuxException e)
        {
            log.VerifiersNotStored(e.Message);
        }
    }

    private async IAsyncEnumerable<WatchItem> Follow(
        Watcher watcher, RevocationSnapshot revoked, long seq, CallContext call, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            foreach (var item in Snapshot(revoked, seq, watcher.Id, board.NowMs))
            {
                yield return item;
            }

            await foreach (var item in watcher.Items.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            board.Leave(watcher, call.CancelledByCaller);
            if (call.CancelledByCaller)
            {
                await Task.Run(SaveRegister, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private IEnumerable<WatchItem> Snapshot(RevocationSnapshot revoked, long seq, string? watchId, long madeAtMs)
    {
        var count = Math.Max(
            Math.Max(1, (revoked.Ids.Count + MaxEntriesPerItem - 1) / MaxEntriesPerItem), (revoked.Rules.Count + MaxRulesPerItem - 1) / MaxRulesPerItem);
        for (var i = 0; i < count; i++)
        {
            yield return new WatchItem("snapshot", seq, watchId)
            {
                Keys = i == 0 ? revoked.Keys : null,
                Issuer = i == 0 ? issuer : null,
                Revoked = ToContract(revoked.Ids.Skip(i * MaxEntriesPerItem).Take(MaxEntriesPerItem)),
                Rules = revoked.Rules.Count > i * MaxRulesPerItem ? ToContract(revoked.Rules.Skip(i * MaxRulesPerItem).Take(MaxRulesPerItem)) : null,
                Complete = i == count - 1 ? true : null,
                MadeAtMs = madeAtMs,
            };
        }
    }
}
