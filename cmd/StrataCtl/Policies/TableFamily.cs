using System.Globalization;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Policies;

/// <summary>Makes the capabilities of a table, by the rules by which identity makes them.</summary>
internal sealed class TableFamily
{
    private static readonly IssueLimits Limits = new() { MaxTtlSeconds = IssueLimits.AbsoluteMaxTtlSeconds };

    private readonly Dictionary<string, CapabilityClaims> _made = new(StringComparer.Ordinal);
    private readonly PolicyTable _table;
    private readonly string _file;

    public TableFamily(PolicyTable table, string file, DateTimeOffset now)
    {
        (_table, _file, Now) = (table, file, now);
        foreach (var name in table.Capabilities?.Keys ?? [])
        {
            Make(name, depth: 0);
        }
    }

    public DateTimeOffset Now { get; }

    /// <summary>A capability by its name.</summary>
    public CapabilityClaims this[string name] => _made.TryGetValue(name, out var claims) ? claims : throw Fault($"capability \"{name}\" is not in \"capabilities\"");

    /// <summary>Derives a capability; null when that would exceed the one it comes from.</summary>
    public CapabilityClaims? Derive(string from, TableCapability wish, string where)
    {
        if (Attenuation.TryDerive(this[from], Request(wish), IdOf(_made.Count), Now, out var child, out var fault, out var isExcess))
        {
            return Dressed(child, wish);
        }

        return isExcess ? null : throw Fault($"{where}: {fault}");
    }

    private CapabilityClaims Make(string name, int depth)
    {
        if (_made.TryGetValue(name, out var made))
        {
            return made;
        }

        if (!(_table.Capabilities ?? new Dictionary<string, TableCapability>()).TryGetValue(name, out var wish))
        {
            throw Fault($"capability \"{name}\" is not in \"capabilities\"");
        }

        var where = $"capabilities.{name}";
        if (wish.From is { } parent)
        {
            // A chain that comes back to itself is longer than any that may be.
            _ = depth <= ClaimLimits.MaxChain ? Make(parent, depth + 1) : throw Fault($"{where}: is derived more than {ClaimLimits.MaxChain} times, or from itself");
            return _made[name] = Derive(parent, wish, where) ?? throw Fault($"{where}: asks for more than {parent} holds; to test that, use a row with \"derive\"");
        }

        if (!IssueValidation.TryValidate(Request(wish), Limits, out var grant, out var fault))
        {
            throw Fault($"{where}: {fault}");
        }

        return _made[name] = Dressed(grant.ToClaims(_table.Issuer, IdOf(_made.Count), Now), wish);
    }

    private static CapabilityClaims Dressed(CapabilityClaims claims, TableCapability wish) => claims with
    {
        Issuer = wish.Issuer ?? claims.Issuer,
        Audience = wish.Audience ?? claims.Audience,
        Constraints = wish.UnknownConstraint is { } unknown ? claims.Constraints with { Unknown = NameList.Of(unknown) } : claims.Constraints,
    };

    private static IssueRequest Request(TableCapability wish) => new()
    {
        Service = wish.Service,
        Rights = wish.Rights,
        Actions = wish.Actions,
        PathPrefix = wish.PathPrefix,
        RateLimit = wish.RateLimit,
        TtlSeconds = wish.TtlSeconds,
        Subject = wish.Subject,
        MethodsDenied = wish.MethodsDenied,
        MaxBytes = wish.MaxBytes,
        QuotaBytes = wish.QuotaBytes,
        ReadOnly = wish.ReadOnly,
        NotBefore = wish.NotBefore,
        Uid = wish.Uid,
        Once = wish.Once,
        HolderKey = wish.HolderKey,
        Sandbox = wish.Sandbox is not { } bounds ? null : new SandboxRequest
        {
            Images = bounds.Images, MaxMemoryBytes = bounds.MaxMemoryBytes, MaxCpuMillis = bounds.MaxCpuMillis, MaxPids = bounds.MaxPids, MaxDiskBytes = bounds.MaxDiskBytes,
            MaxSessions = bounds.MaxSessions, Networks = bounds.Networks, Domains = bounds.Domains, Commands = bounds.Commands,
        },
    };

    private static string IdOf(int number) => (number + 1).ToString("x32", CultureInfo.InvariantCulture);

    private UsageException Fault(string text) => new($"{_file}: {text}");
}
