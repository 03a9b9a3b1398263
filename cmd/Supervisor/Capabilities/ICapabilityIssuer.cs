using Strata.Contracts;

namespace Strata.Supervisor;

/// <summary>Who issues and revokes: identity.</summary>
internal interface ICapabilityIssuer
{
    /// <summary>Issues capabilities, in order.</summary>
    /// <exception cref="Ipc.RpcException">One was refused, or identity does not answer.</exception>
    Task<IReadOnlyList<IssueResult>> IssueAsync(IReadOnlyList<IssueParams> wanted, CancellationToken cancellation);

    /// <summary>Revokes capabilities that may still be good.</summary>
    /// <exception cref="Ipc.RpcException">One was refused, or identity does not answer.</exception>
    Task RevokeAsync(IReadOnlyList<string> capabilityIds, CancellationToken cancellation);
}
