using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;
using VerificationKey = Strata.Contracts.VerificationKey;

namespace Strata.Identity;

/// <summary>Puts the identity service together: loads its state, then wires state to methods.</summary>
internal static class IdentityService
{
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
        var keys = KeyStore.Load(directory, provider, isNewNode);
        var longestTtl = TimeSpan.FromSeconds(TtlBound.Raise(directory, options.MaxTtlSeconds));
        var (register, known) = VerifierRegister.Open(directory);
        var (store, live) = RevocationLog.Open(directory, isNewNode, time.GetUtcNow(), log);
        var seals = SealRegister.Open(directory);
        var auditKey = AuditKey.Load(directory, provider, seals);
        var sealer = new AuditSealer(auditKey, seals, settings.NodeId, time);
        environment.Audit.SealBy(sealer);
        NodeMarker.Set(directory, isNewNode);
        PublicKeyFile.Publish(settings.RuntimeDir, keys.Of(options.DefaultVersion).VerificationKey);
        log.Loaded(keys.V2.VerificationKey.KeyId, keys.V4.VerificationKey.KeyId, live.Count, known.Count);

        var board = new RevocationBoard(live, known, options.Staleness, time, store.LoadedRules);
        var pendingRules = new PendingRules(board.Revocations);
        var verifier = new TokenVerifier(provider, keys.PublicKeys, board.Revocations);
        var authorizer = new CapabilityAuthorizer("identity", settings, verifier, environment.Authority, () => true, time, environment.Audit)
        {
            DelegatingRights = new HashSet<string>([IdentityMethods.IssueRight]),
            // No method of identity moves a file's bytes; what is passed on keeps these constraints (see Narrowing).
            Enforced = ServiceConstraints.All,
        };
        board.Published += authorizer.EndRevokedCalls;
        var writer = new RevocationWriter(store, board, time, log);
        var watch = new WatchStream(board, register, ToContract(keys.PublicKeys), settings.Issuer, log);
        var limits = new IssueLimits { MaxTtlSeconds = options.MaxTtlSeconds };
        var templates = TemplateBook.Load(directory, limits);
        var issued = IssuedStore.Open(directory, time, log);
        var signer = new CapabilitySigner(
            keys.Of(options.DefaultVersion), issued, new AuditGate(environment.Audit), pendingRules, board.Revocations, authorizer.Deny);
        var methods = IdentityMethods.Declare(
            new CapabilityIssuer(signer, templates, issued, settings.Issuer, limits, time, authorizer.Deny),
            new IssuedMethods(issued, board.Revocations, time),
            new Revoker(new HolderReach(issued, board, longestTtl, time, authorizer.Deny), writer, board, environment.Audit, longestTtl, options.RevokeWait, time, log, pendingRules,
                kid => kid == keys.V2.VerificationKey.KeyId || kid == keys.V4.VerificationKey.KeyId),
            new TokenIntrospection(verifier, provider, settings.Issuer, time),
            watch,
            board,
            new KeysResult(settings.Issuer, keys.Of(options.DefaultVersion).VerificationKey.KeyId, ToContract(keys.PublicKeys)));
        return new ServiceSetup([.. methods, .. IdentityMethods.DeclareAudit(sealer)], authorizer)
        {
            Background = [writer.RunAsync, issued.RunAsync, stop => BeatAsync(board, watch, options.HeartbeatInterval, time, stop)],
            OnStopped = async () =>
            {
                await environment.Audit.SealAsync().ConfigureAwait(false);
                store.Dispose();
                issued.Dispose();
                directory.Dispose();
                keys.Dispose();
                auditKey.Dispose();
            },
        };
    }

    private static async Task BeatAsync(RevocationBoard board, WatchStream watch, TimeSpan interval, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            board.Beat();
            watch.SaveRegister();
        }
    }

    private static VerificationKey[] ToContract(KeySet keys) =>
        [.. keys.Keys.Select(k => new VerificationKey(k.KeyId, k.Version == TokenVersion.V4 ? "v4" : "v2", Convert.ToBase64String(k.PublicKey)))];
}
