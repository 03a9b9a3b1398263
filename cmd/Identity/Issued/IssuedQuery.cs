using Strata.Policy;

namespace Strata.Identity;

/// <summary>Which capabilities to list. What is null does not choose.</summary>
internal sealed record IssuedQuery
{
    /// <summary>Most on one page.</summary>
    internal const int MaxLimit = 500;

    /// <summary>Most bytes of records on one page, so that an answer fits into a frame however it is written.</summary>
    internal const int MaxPageBytes = 256 * 1024;

    private readonly uint _subjectHash;
    private readonly uint _serviceHash;
    private readonly uint _templateHash;
    private readonly PackedId _parent;

    internal IssuedQuery(string? subject, string? service, string? template, string? parent, DateTimeOffset? expiresBefore, DateTimeOffset now)
    {
        (Subject, Service, Template, Parent, ExpiresBefore, Now) = (subject, service, template, parent, expiresBefore, now);
        (_subjectHash, _serviceHash, _templateHash) = (IssuedRecord.HashOf(subject), IssuedRecord.HashOf(service), IssuedRecord.HashOf(template));
        _parent = PackedId.Of(parent);
    }

    internal string? Subject { get; }

    internal string? Service { get; }

    internal string? Template { get; }

    internal string? Parent { get; }

    internal DateTimeOffset? ExpiresBefore { get; }

    internal DateTimeOffset Now { get; }

    internal int Limit { get; init; } = 100;

    /// <summary>Whether the record is worth reading.</summary>
    internal bool MayMatch(in IssuedEntry entry) =>
        (Subject is null || entry.SubjectHash == _subjectHash)
        && (Service is null || entry.ServiceHash == _serviceHash)
        && (Template is null || entry.TemplateHash == _templateHash)
        && (Parent is null || entry.Parent == _parent)
        && entry.ExpiresAt > IssuedRecord.Seconds(Now)
        && (ExpiresBefore is not { } end || entry.ExpiresAt < IssuedRecord.Seconds(end));

    internal bool Matches(CapabilityClaims claims) =>
        (Subject is null || claims.Subject == Subject)
        && (Service is null || claims.Service == Service)
        && (Template is null || claims.Template == Template)
        && (Parent is null || claims.Parent == Parent);
}
