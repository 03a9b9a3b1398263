namespace Strata.Policy;

/// <summary>What somebody asks for, as it came. Null means that the field was not given.</summary>
public sealed record IssueRequest
{
    /// <summary>The service, required.</summary>
    public string? Service { get; init; }

    /// <summary>Legacy actions.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    /// <summary>Rights.</summary>
    public IReadOnlyList<string>? Rights { get; init; }

    /// <summary>Path prefix; when not given the capability opens no path.</summary>
    public string? PathPrefix { get; init; }

    /// <summary>Rate limit, such as <c>50rps</c>; when not given there is none.</summary>
    public string? RateLimit { get; init; }

    /// <summary>Lifetime in seconds; when not given <see cref="IssueLimits.DefaultTtlSeconds"/>.</summary>
    public long? TtlSeconds { get; init; }

    /// <summary>The named holder; when not given <see cref="CapabilityNames.AnonymousSubject"/>.</summary>
    public string? Subject { get; init; }
}
