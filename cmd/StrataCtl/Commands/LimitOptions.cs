using System.CommandLine;
using System.Globalization;
using Strata.Contracts;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>The options by which <c>token issue</c> and <c>token attenuate</c> constrain a capability.</summary>
internal sealed class LimitOptions
{
    private readonly Option<string[]> _methodsDenied = new("--deny") { Description = "Methods that may not be called whatever the rights say; separated by commas or given again", HelpName = "METHODS", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
    private readonly Option<long?> _maxBytes = Size("--max-bytes", "Most bytes of one read, write or transfer, e.g. 64K");
    private readonly Option<long?> _quotaBytes = Size("--quota-bytes", "Most bytes written in all, e.g. 1G");
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Nothing may be changed" };
    private readonly Option<string?> _notBefore = new("--not-before") { Description = "First instant of use, RFC 3339", HelpName = "TIME" };
    private readonly Option<long?> _uid = new("--uid") { Description = "The only user who may use it", HelpName = "UID" };

    private readonly Option<bool> _once = new("--once") { Description = "Good for one call; passing it on spends that call" };
    private readonly Option<string?> _bindKey = new("--bind-key") { Description = "Public key that must sign every call: 43 characters of base64url, or a file with the key, e.g. of strata-ctl key new", HelpName = "KEY|FILE" };

    private readonly SandboxLimitOptions _sandbox = new();

    public Option[] All => [_methodsDenied, _maxBytes, _quotaBytes, _readOnly, _notBefore, _uid, _once, _bindKey, .. _sandbox.All];

    /// <summary>Bounds of sandboxes; null when none was given.</summary>
    public SandboxLimitations? Sandbox(ParseResult parsed) => _sandbox.Read(parsed);

    public string[]? MethodsDenied(ParseResult parsed) => Split(parsed.GetValue(_methodsDenied));

    public long? MaxBytes(ParseResult parsed) => parsed.GetValue(_maxBytes);

    public long? QuotaBytes(ParseResult parsed) => parsed.GetValue(_quotaBytes);

    public bool? ReadOnly(ParseResult parsed) => parsed.GetValue(_readOnly) ? true : null;

    public string? NotBefore(ParseResult parsed) => parsed.GetValue(_notBefore);

    public long? Uid(ParseResult parsed) => parsed.GetValue(_uid);

    public bool? Once(ParseResult parsed) => parsed.GetValue(_once) ? true : null;

    /// <summary>The public key as the protocol has it.</summary>
    /// <exception cref="UsageException">It is neither a key nor a file that holds one.</exception>
    public string? HolderKey(ParseResult parsed)
    {
        if (parsed.GetValue(_bindKey) is not { } wanted)
        {
            return null;
        }

        if (Policy.HolderKey.TryParse(wanted, out var given, out _))
        {
            return given.Value;
        }

        return HolderKeyPem.TryReadPublic(HolderKeySource.ReadText(wanted, "--bind-key"), Ed25519Provider.Create(), out var read)
            ? read.Value
            : throw new UsageException($"--bind-key: {wanted} holds no Ed25519 key: give 43 characters of base64url, or a file with a key in PEM");
    }

    /// <summary>An absolute path for one that is relative to the caller's folder: the service knows no working folder. A root that the node names stays as it is.</summary>
    public static string? Absolute(string? prefix) => prefix is { Length: 0 }
        ? throw new UsageException("--prefix is empty; name a directory, or leave it out")
        : prefix is null ? null : WithinRoot(prefix) ?? Path.GetFullPath(prefix);

    /// <summary>The path of a root that the node names, such as <c>home:/reports</c> or <c>home:reports</c>; null for a path of the host, e.g. <c>./a:b</c>.</summary>
    private static string? WithinRoot(string prefix)
    {
        var colon = prefix.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || !NamedRoot.IsName(prefix[..colon]) ? null
            : colon + 1 == prefix.Length || prefix[colon + 1] == '/' ? prefix
            : prefix.Insert(colon + 1, "/");
    }

    public static string[]? Split(string[]? values)
    {
        string[] words = [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return words.Length == 0 ? null : words;
    }

    /// <summary>Reads a size; null when it is none.</summary>
    public static long? ParseSize(string text)
    {
        var unit = text is { Length: > 1 } ? "KMGT".IndexOf(text[^1], StringComparison.Ordinal) + 1 : 0;
        var digits = unit > 0 ? text[..^1] : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue >> (10 * unit) ? count << (10 * unit) : null;
    }

    internal static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            if (ParseSize(result.Tokens[0].Value) is { } size)
            {
                return size;
            }

            result.AddError($"'{result.Tokens[0].Value}' is no size; write a whole number of bytes, or one with K, M, G or T, such as 64K");
            return null;
        },
    };
}
