using System.Globalization;
using Strata.Ipc;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Policies;

/// <summary>Judges the rows of a table by the code that services judge calls by.</summary>
internal sealed class TableJudge
{
    public const string Allow = "allow";

    private const string Start = "now";

    private static readonly Dictionary<string, ServiceConstraints> OwnServices = new(StringComparer.Ordinal)
    {
        ["fs"] = ServiceConstraints.Files, ["identity"] = ServiceConstraints.All, ["sandbox"] = ServiceConstraints.Sandbox,
    };
    private static readonly long Second = TimeSpan.TicksPerSecond;

    private readonly PolicyTable _table;
    private readonly string _file;
    private readonly TableFamily _family;

    public TableJudge(PolicyTable table, string file)
    {
        (_table, _file) = (table, file);
        _family = new TableFamily(table, file, TimeOf(table.Now, Start));
    }

    /// <summary>Every row with what came of it.</summary>
    /// <exception cref="UsageException">A row cannot be judged.</exception>
    public IReadOnlyList<RowVerdict> Judge() => [.. _table.Rows.Select(Judge)];

    private RowVerdict Judge(TableRow row, int index)
    {
        var where = $"rows[{index}] \"{row.Name}\"";
        if (row.Expect != Allow && DenyReasons.All.All(r => r.Code != row.Expect))
        {
            throw Fault($"{where}: expect is \"allow\" or a reason code, not \"{row.Expect}\"");
        }

        if (row.Derive is { } wish)
        {
            var parent = row.Capability ?? throw Fault($"{where}: derive needs the capability to derive from");
            var derived = _family.Derive(parent, wish, $"{where}: derive");
            return new RowVerdict(index, row, derived is null ? DenyReasons.CodeOf(DenyReason.ExceedsAuthority) : Allow, null);
        }

        var explanation = Explainer.Explain(CallOf(row, where));
        var reason = explanation.Reason;
        return new RowVerdict(index, row, explanation.IsAllowed ? Allow : DenyReasons.CodeOf(reason), explanation.Failure?.Needs);
    }

    private ExplainedCall CallOf(TableRow row, string where)
    {
        var method = row.Method ?? throw Fault($"{where}: names no method");
        var access = row.AuthorityOnly ? Access.Authority : row.Right is { } right ? Access.Right(right) : MethodRights.Of(method)
            ?? throw Fault($"{where}: {method} is no method of the node's own services; give its right in \"right\", or \"authority_only\"");
        var evidence = EvidenceOf(row);
        var denial = PeerAccess.Check(access.TakesToken, access.TakesAuthority, row.Capability is not null, row.Authority, out var byCredentials);
        var request = RequestOf(row, method, access, evidence.Claims, where);
        return new ExplainedCall
        {
            Token = evidence,
            Request = request,
            Access = access.Kind != AccessKind.Open && denial == DenyReason.PeerNotAuthorized ? denial : DenyReason.None,
            NeedsNoToken = byCredentials || access.Kind == AccessKind.Open,
            Rate = evidence.Claims is { } claims ? RateOf(claims, row) : new RateOutcome(true, DenyReason.None, TimeSpan.Zero),
            FurtherRights = row.FurtherRights ?? [],
            FurtherPaths = row.FurtherPaths ?? [],
        };
    }

    private TokenEvidence EvidenceOf(TableRow row) => (row.Capability, row.Stale, row.Token) switch
    {
        (null, _, _) => TokenEvidence.Missing,
        (_, true, _) => TokenEvidence.Stale,
        (_, _, "malformed") => new TokenEvidence(null, AuthorizationCheck.Format, DenyReason.MalformedToken),
        (_, _, "unknown_key") => new TokenEvidence(null, AuthorizationCheck.Key, DenyReason.UnknownKey),
        (_, _, "forged") => new TokenEvidence(null, AuthorizationCheck.Signature, DenyReason.BadSignature),
        ({ } name, _, _) => TokenEvidence.Good(_family[name]),
    };

    private AuthorizationRequest RequestOf(TableRow row, string method, Access access, CapabilityClaims? claims, string where)
    {
        var service = SocketResolver.ServiceOf(method);
        var revocations = new RevocationSet();
        foreach (var name in row.Revoked ?? [])
        {
            revocations.Add(new RevokedCapability(_family[name].CapabilityId, DateTimeOffset.MaxValue));
        }

        return new AuthorizationRequest
        {
            Service = service,
            Right = access.RightName ?? "",
            AnyHolder = access.Kind is AccessKind.Holder or AccessKind.HolderOrAuthority,
            // Its holder passes on authority over the service that its capability names.
            AllowsOtherService = access.RightName == "identity.issue",
            Method = method,
            Issuer = _table.Issuer,
            Now = row.At is { } at ? TimeOf(at, $"{where}: at") : _family.Now,
            PeerUid = row.Uid,
            NeedsPath = row.Path is not null,
            Path = row.Path,
            Revocation = claims is null ? default : revocations.Check(claims),
            Proof = Enum.Parse<ProofStatus>(row.Proof, ignoreCase: true),
            Use = row.Used ? UseStatus.Used : UseStatus.Unused,
            Enforced = EnforcedBy(row, service, where),
        };
    }

    private ServiceConstraints EnforcedBy(TableRow row, string service, string where) => row.Enforces is not { } names
        ? OwnServices.GetValueOrDefault(service)
        : names.Aggregate(ServiceConstraints.None, (set, name) => set | name switch
        {
            "max_bytes" => ServiceConstraints.MaxBytes,
            "quota_bytes" => ServiceConstraints.QuotaBytes,
            "read_only" => ServiceConstraints.ReadOnly,
            "sandbox" => ServiceConstraints.Sandbox,
            _ => throw Fault($"{where}: enforces takes max_bytes, quota_bytes, read_only and sandbox, not \"{name}\""),
        });

    private static RateOutcome RateOf(CapabilityClaims claims, TableRow row)
    {
        var limiter = row.Crowded ? new RateLimiter(Second, maxBuckets: 1) : new RateLimiter(Second);
        if (row.Crowded)
        {
            limiter.TrySpend(new string('f', ClaimLimits.MinCapabilityIdDigits), new RateLimit(1), 0);
        }

        for (var i = 0; i < row.Calls; i++)
        {
            limiter.TrySpend(claims, 0);
        }

        return limiter.Peek(claims, 0);
    }

    private DateTimeOffset TimeOf(string text, string where)
    {
        if (where != Start && text is ['+' or '-', ..] && Durations.Parse(text[1..]) is { } span)
        {
            return text[0] == '+' ? _family.Now + span : _family.Now - span;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Fault($"{where}: must be a time such as 2026-01-31T12:00:00Z{(where == Start ? "" : ", or +10m or -1h from now")}");
    }

    private UsageException Fault(string text) => new($"{_file}: {text}");
}
