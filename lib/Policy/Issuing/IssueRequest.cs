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

    /// <summary>Methods to deny by name.</summary>
    public IReadOnlyList<string>? MethodsDenied { get; init; }

    /// <summary>Most bytes of one read, write or transfer.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Most bytes written in all.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>Whether nothing may be changed.</summary>
    public bool? ReadOnly { get; init; }

    /// <summary>When it may first be used, RFC 3339.</summary>
    public string? NotBefore { get; init; }

    /// <summary>The only user who may use it.</summary>
    public long? Uid { get; init; }

    /// <summary>Whether it is for one call.</summary>
    public bool? Once { get; init; }

    /// <summary>The key that must sign each request, base64url.</summary>
    public string? HolderKey { get; init; }

    /// <summary>Bounds of sandboxes.</summary>
    public SandboxRequest? Sandbox { get; init; }
}
