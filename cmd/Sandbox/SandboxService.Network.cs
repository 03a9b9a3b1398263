using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for the networks of sessions.</summary>
internal sealed partial class SandboxService
{
    private IReadOnlyList<Method> NetworkMethods
    {
        get
        {
            var calls = new NetworkCalls(Sessions, _audit);
            return
            [
                new UnaryMethod<SandboxNetworkParams, SandboxNetworkResult>(
                    "sandbox.network", "Says what a session may reach and what went there, and changes what it may.",
                    Access.Right(Create), () => ContractsJson.Default.SandboxNetworkParams, () => ContractsJson.Default.SandboxNetworkResult,
                    SandboxCalls.Answer<SandboxNetworkParams, SandboxNetworkResult>(calls.NetworkAsync))
                {
                    Blocking = true,
                    Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, .. OfOneSession],
                },
                new UnaryMethod<SandboxConnectParams, SandboxConnectResult>(
                    "sandbox.connect", "Connects to a port that a program in a session listens on, and hands the connection over as a descriptor.",
                    Access.Right("sandbox.expose"), () => ContractsJson.Default.SandboxConnectParams, () => ContractsJson.Default.SandboxConnectResult,
                    SandboxCalls.Answer<SandboxConnectParams, SandboxConnectResult>(calls.ConnectAsync))
                {
                    Blocking = true,
                    Errors = [.. OfOneSession, ErrorCode.ResourceExhausted],
                },
            ];
        }
    }
}
