using Strata.Contracts;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>What a request asks for, as policy takes it.</summary>
internal static class WishOf
{
    internal static IssueRequest Issue(IssueParams wanted) => new()
    {
        Service = wanted.Service,
        Actions = wanted.Actions,
        Rights = wanted.Rights,
        PathPrefix = wanted.PathPrefix,
        RateLimit = wanted.RateLimit,
        TtlSeconds = wanted.TtlSeconds,
        Subject = wanted.Subject,
        MethodsDenied = wanted.MethodsDenied,
        MaxBytes = wanted.MaxBytes,
        QuotaBytes = wanted.QuotaBytes,
        ReadOnly = wanted.ReadOnly,
        NotBefore = wanted.NotBefore,
        Uid = wanted.Uid,
        Once = wanted.Once,
        HolderKey = wanted.HolderKey,
        Sandbox = Sandbox(wanted.Sandbox),
    };

    internal static IssueRequest Attenuate(AttenuateParams wanted) => new()
    {
        Actions = wanted.Actions,
        Rights = wanted.Rights,
        PathPrefix = wanted.PathPrefix,
        RateLimit = wanted.RateLimit,
        TtlSeconds = wanted.TtlSeconds,
        Subject = wanted.Subject,
        MethodsDenied = wanted.MethodsDenied,
        MaxBytes = wanted.MaxBytes,
        QuotaBytes = wanted.QuotaBytes,
        ReadOnly = wanted.ReadOnly,
        NotBefore = wanted.NotBefore,
        Uid = wanted.Uid,
        Once = wanted.Once,
        HolderKey = wanted.HolderKey,
        Sandbox = Sandbox(wanted.Sandbox),
    };

    private static SandboxRequest? Sandbox(SandboxLimitations? wanted) => wanted is null ? null : new SandboxRequest
    {
        Images = wanted.Images,
        MaxMemoryBytes = wanted.MaxMemoryBytes,
        MaxCpuMillis = wanted.MaxCpuMillis,
        MaxPids = wanted.MaxPids,
        MaxDiskBytes = wanted.MaxDiskBytes,
        MaxSessions = wanted.MaxSessions,
        Networks = wanted.Networks,
        Domains = wanted.Domains,
        Commands = wanted.Commands,
    };
}
