using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;
using VerificationKey = Strata.Policy.VerificationKey;

namespace Strata.Identity;

/// <summary>Puts the identity service together: loads its state, then wires state to methods.</summary>
internal static class IdentityService
{
    /// <summary>A rule outlives the key it names: whoever has a stolen key signs tokens that never expire, and they must not come back to life.</summary>
    private static readonly TimeSpan KeyMargin = TimeSpan.FromHours(1);

    internal static ServiceSetup Build(ServiceEnvironment environment)
    {
        var options = IdentityOptions.From(environment.Variable);
        var directory = IdentityDirectory.Open(environment.Settings.StateDir);
        try
        {
            return Build(environment, options, directory, Ed25519Provider.Create());
        }
        catch (SignatureProviderException e)
        {
            directory.Dispose();
            throw new SettingsException(e.Message, e);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static ServiceSetup Build(ServiceEnvironment environment, IdentityOptions options, IdentityDirectory directory, IEd25519 provider)
    {
        var (settings, time, log) = (environment.Settings, environment.Time, environment.Log);

        var isNewNode = NodeMarker.IsNewNode(directory);
        var passphrases = Passphrases.From(environment.Variable);
        var longestTtl = TimeSpan.FromSeconds(TtlBound.Raise(directory, options.MaxTtlSeconds));
        var keys = KeyStore.Load(directory, provider, isNewNode, time.GetUtcNow(), longestTtl, passphrases);
        var (register, known) = VerifierRegister.Open(directory);
        var (store, live) = RevocationLog.Open(directory, isNewNode, time.GetUtcNow(), log);
        var seals = SealRegister.Open(directory);
        var auditKey = AuditKey.Load(directory, provider, seals, passphrases);
        passphrases?.Settle();
        var sealer = new AuditSealer(auditKey, seals, settings.NodeId, time);
        environment.Audit.SealBy(sealer);
        NodeMarker.Set(directory, isNewNode);
        PublicKeyFile.Publish(settings.RuntimeDir, keys.Active(options.DefaultVersion));
        log.Loaded(keys.Active(TokenVersion.V2).KeyId, keys.Active(TokenVersion.V4).KeyId, live.Count, known.Count);

        var board = new RevocationBoard(live, known, options.Staleness, time, store.LoadedRules.Select(rule => Canonical(rule, keys)), KeyTexts.ForVerifiers(keys.Roll));
        var pendingRules = new PendingRules(board.Revocations);
        var ledger = UseLedger.Open(directory, time, log);
        var gate = new AuditGate(environment.Audit);
        var uses = new UseRecorder(ledger, gate, longestTtl, time);
        var verifier = new TokenVerifier(provider, keys.Roll.PublicKeys, board.Revocations);
        var authorizer = new CapabilityAuthorizer("identity", settings, verifier, environment.Authority, () => true, time, environment.Audit)
        {
            DelegatingRights = new HashSet<string>([IdentityMethods.IssueRight]),
            // No method of identity moves a file's bytes; what is passed on keeps these constraints (see Narrowing).
            Enforced = ServiceConstraints.All,
            Uses = uses,
        };
        board.Published += authorizer.EndRevokedCalls;
        var writer = new RevocationWriter(store, board, time, log);
        var watch = new WatchStream(board, register, settings.Issuer, log);
        var limits = new IssueLimits { MaxTtlSeconds = options.MaxTtlSeconds };
        var templates = TemplateBook.Load(directory, limits);
        var issued = IssuedStore.Open(directory, time, log);
        var signer = new CapabilitySigner(
            keys, options.DefaultVersion, issued, gate, pendingRules, board.Revocations, uses, authorizer.Deny);
        var methods = IdentityMethods.Declare(
            new CapabilityIssuer(signer, templates, issued, settings.Issuer, limits, time, authorizer.Deny),
            new IssuedMethods(issued, board.Revocations, keyId => keys.Roll.Canonical(keyId), time),
            new Revoker(new HolderReach(issued, board, longestTtl, time, authorizer.Deny), writer, board, environment.Audit, longestTtl + KeyMargin, options.RevokeWait, time, log, pendingRules,
                keyId => keys.Roll.IsSigning(keyId)),
            new TokenIntrospection(verifier, settings.Issuer, time, ledger.IsUsed),
            watch,
            board,
            keyId => keys.Roll.Canonical(keyId));
        var rotator = new KeyRotator(new KeyStore(directory, provider, passphrases), keys, board, verifier, environment.Audit, longestTtl, options.Staleness, time, log);
        rotator.Switched += () => TryPublish(settings, keys.Active(options.DefaultVersion), log);
        var keyMethods = IdentityMethods.DeclareKeys(rotator, () => KeyTexts.ForPeople(keys.Roll, options.DefaultVersion, settings.Issuer));
        return new ServiceSetup([.. methods, .. keyMethods, IdentityMethods.DeclareUse(uses), .. IdentityMethods.DeclareAudit(sealer)], authorizer)
        {
            Background = [writer.RunAsync, ledger.RunAsync, issued.RunAsync, stop => BeatAsync(board, watch, rotator, options.HeartbeatInterval, time, stop)],
            OnStopped = async () =>
            {
                await environment.Audit.SealAsync().ConfigureAwait(false);
                store.Dispose();
                issued.Dispose();
                ledger.Dispose();
                directory.Dispose();
                rotator.Dispose();
                keys.Dispose();
                passphrases?.Dispose();
                auditKey.Dispose();
            },
        };
    }

    private static async Task BeatAsync(RevocationBoard board, WatchStream watch, KeyRotator rotator, TimeSpan interval, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            board.Beat();
            watch.SaveRegister();
            rotator.RetireDue();
        }
    }

    /// <summary>A rule by key as it is looked up; earlier versions stored other names of keys.</summary>
    private static RevocationRule Canonical(RevocationRule rule, KeyRing keys) => rule.Scope == RevocationScope.Key ? rule with { Value = keys.Roll.Canonical(rule.Value) } : rule;

    /// <summary>Clients that know one key only must not keep the keys from being rotated.</summary>
    private static void TryPublish(NodeSettings settings, VerificationKey key, ILogger log)
    {
        try
        {
            PublicKeyFile.Publish(settings.RuntimeDir, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnsafeDirectoryException)
        {
            log.PublicKeyNotPublished(e.Message);
        }
    }
}
