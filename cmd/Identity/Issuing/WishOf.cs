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
    };
}
