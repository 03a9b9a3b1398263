using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;
using Strata.Sandbox;

namespace Strata.Bench;

/// <summary>The sandbox service with everything of it but the node around it: socket, authorization, audit, engine. In a process of its own, as in a node.</summary>
internal sealed class ServedSandbox : IServerEvents
{
    private const int MostSessions = 10_000;

    private static readonly string[] Rights = ["sandbox.create", "sandbox.exec", "sandbox.read", "sandbox.write"];

    /// <summary>Serves until its input ends; its first line of output is a token.</summary>
    internal static async Task RunAsync(string directory)
    {
        var settings = new NodeSettings { RuntimeDir = directory, StateDir = Path.Combine(directory, "state"), NodeId = "bench-0" };
        Directory.CreateDirectory(settings.StateDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var provider = Ed25519Provider.Create();
        using var key = SigningKey.Generate(provider, TokenVersion.V2);
        var revocations = new RevocationSet();
        await using var audit = new AuditLog(settings, "sandbox", TimeProvider.System, NullLogger.Instance);
        using var engine = new BubblewrapEngine(Path.Combine(settings.StateDir, "sandbox"));
        await using var service = new SandboxService(new SandboxOptions { StateDirectory = Path.Combine(settings.StateDir, "sandbox"), MaxSessions = MostSessions, MaxSessionsPerOwner = MostSessions, WarmSandboxes = NodeSettings.WholeNumber(Environment.GetEnvironmentVariable, "STRATA_SANDBOX_WARM", 0, 0, 64) }, engine, audit, revocations, TimeProvider.System);
        await service.Sessions.RestoreAsync(CancellationToken.None);
        var verifier = new TokenVerifier(provider, KeySet.Of(key.VerificationKey), revocations);
        var authorizer = new CapabilityAuthorizer("sandbox", settings, verifier, new PeerAuthority(UserId.Effective, new HashSet<uint>()), () => true, TimeProvider.System, audit)
        {
            Enforced = ServiceConstraints.Sandbox,
        };
        await using var server = new SocketServer(
            UnixListener.Bind(settings.SocketOf("sandbox"), 0x180), new MethodTable("sandbox", service.Methods), authorizer, new ServedSandbox(), TimeProvider.System, new ServerOptions { Loops = 2 });
        server.Start();
        Console.WriteLine(Token(settings, key));
        while (await Console.In.ReadLineAsync() is not null)
        {
        }
    }

    public void HandlerFaulted(CallContext call, Exception exception) => Console.Error.WriteLine(exception);

    public void ConnectionDropped(Peer peer, string reason) => Console.Error.WriteLine(reason);

    public void DescriptorsExhausted() => Console.Error.WriteLine("descriptors exhausted");

    public void Heartbeat()
    {
    }

    private static string Token(NodeSettings settings, SigningKey key) => TokenIssuer.Issue(
        new CapabilityClaims
        {
            Issuer = settings.Issuer, Audience = CapabilityNames.Audience, CapabilityId = $"{1:x32}", Subject = "bench", IssuedAt = TimeProvider.System.GetUtcNow(),
            ExpiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1), Service = "sandbox", Rights = NameList.Of(Rights), Constraints = CapabilityConstraints.None,
        },
        key);
}
