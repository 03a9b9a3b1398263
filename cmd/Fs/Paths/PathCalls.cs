using System.Text;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>The way of every call that names a path: resolved by its text, then worked on beneath the prefix and behind the gate.</summary>
internal sealed class PathCalls(FsRoots roots, BlockingGate gate, FsAudit audit)
{
    /// <summary>Resolves by the text alone, exactly as authorization did before the handler ran.</summary>
    internal RpcError? Resolve(CallContext call, string path, out PrefixPath resolved)
    {
        resolved = default;
        var prefix = ClaimsOf(call).Constraints.PathPrefix;
        var resolution = PathScope.Resolve(prefix, path);
        if (!resolution.IsResolved)
        {
            // Authorization has judged one path of the call; a second one is denied here.
            return Deny(call, path, resolution.Reason);
        }

        if (roots.PlaceOf(prefix!) is not { } place)
        {
            return FileErrors.OfPrefix(-Errno.ENOENT);
        }

        resolved = new PrefixPath(place, Encoding.UTF8.GetBytes(resolution.RelativePath));
        return null;
    }

    /// <summary>Resolves a path at which something is to be made, moved, changed or removed.</summary>
    internal RpcError? ResolveToChange(CallContext call, string path, out PrefixPath resolved, bool mayBePrefix = false) =>
        Resolve(call, path, out resolved)
        ?? (!resolved.Place.IsWritable || ClaimsOf(call).Constraints.ReadOnly ? Refuse(call, path, FileErrors.ReadOnly)
            : resolved.IsPrefixItself && !mayBePrefix ? FileErrors.PrefixItself
            : null);

    /// <summary>Resolves two paths of one call, at both of which something is to be changed.</summary>
    internal RpcError? ResolveToChange(CallContext call, string first, string second, out PrefixPath from, out PrefixPath to)
    {
        to = default;
        return ResolveToChange(call, first, out from) ?? ResolveToChange(call, second, out to);
    }

    /// <summary>Resolves a path to read and one to change.</summary>
    internal RpcError? ResolveToCopy(CallContext call, string first, string second, out PrefixPath from, out PrefixPath to)
    {
        to = default;
        return Resolve(call, first, out from) ?? ResolveToChange(call, second, out to);
    }

    /// <summary>Works beneath the prefix.</summary>
    internal ValueTask<PathOutcome> RunAsync(PrefixPath path, Func<BeneathRoot, PathOutcome> work, CallContext call) =>
        gate.RunAsync(() => path.Run(work), () => call.Cancellation);

    /// <summary>Whether the capability holds a right beside that of the method.</summary>
    internal RpcError? Require(CallContext call, string path, string right)
    {
        var reason = Explainer.RequireFurther(ClaimsOf(call), right);
        return reason == DenyReason.None ? null : Deny(call, path, reason);
    }

    /// <summary>Records what was refused and tells the caller.</summary>
    internal RpcError Refuse(CallContext call, string path, PathOutcome outcome)
    {
        var error = outcome.Error!;
        if (outcome.IsEscape)
        {
            audit.Denied(call, path, error.Reason);
            return error;
        }

        return Refuse(call, path, error);
    }

    /// <summary>Records what was refused for what the file system or the configuration allows.</summary>
    internal RpcError Refuse(CallContext call, string path, RpcError error)
    {
        if (call.Method.Name == FsService.Open || FsService.Changes(call.Method.Name))
        {
            audit.Refused(call, path, error);
        }

        return error;
    }

    internal static CapabilityClaims ClaimsOf(CallContext call) => ((Principal)call.Principal!).Claims!;

    private RpcError Deny(CallContext call, string path, DenyReason reason)
    {
        audit.Denied(call, path, DenyReasons.CodeOf(reason));
        return CapabilityAuthorizer.ErrorOf(reason);
    }
}
