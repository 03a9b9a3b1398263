using System.Globalization;
using System.Text;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The text of a revocation by rule in the log, beside those by id: <c>@SCOPE VALUE BEFORE EXPIRES</c>, times in Unix seconds,
/// before the checksum. Pure.
/// </summary>
internal static class RuleRecords
{
    internal const byte Mark = (byte)'@';
    private const int Parts = 4;

    internal static string ScopeName(RevocationScope scope) => scope switch
    {
        RevocationScope.Subject => "subject",
        RevocationScope.Template => "template",
        RevocationScope.Key => "key",
        _ => "everything",
    };

    internal static string Encode(RevocationRule rule) => string.Create(
        CultureInfo.InvariantCulture, $"@{ScopeName(rule.Scope)} {rule.Value} {rule.Before.ToUnixTimeSeconds()} {rule.ExpiresAt.ToUnixTimeSeconds()}");

    /// <summary>Reads a record without its checksum; null for anything but a rule.</summary>
    internal static RevocationRule? Parse(ReadOnlySpan<byte> record)
    {
        var parts = Encoding.UTF8.GetString(record).Split(' ');
        if (parts.Length != Parts || !TryReadTime(parts[2], out var before) || !TryReadTime(parts[3], out var expires))
        {
            return null;
        }

        RevocationScope? scope = parts[0] switch
        {
            "@subject" => RevocationScope.Subject,
            "@template" => RevocationScope.Template,
            "@key" => RevocationScope.Key,
            "@everything" => RevocationScope.Everything,
            _ => null,
        };
        var rule = scope is { } known ? new RevocationRule(known, parts[1], before, expires) : null;
        return rule is { IsWellFormed: true } && Encode(rule).AsSpan().SequenceEqual(Encoding.UTF8.GetString(record)) ? rule : null;
    }

    /// <summary>Whether this is the beginning of a rule's line with its checksum, and not a whole one that was altered.</summary>
    internal static bool IsUnfinished(ReadOnlySpan<byte> line, int crcDigits)
    {
        var parts = Encoding.UTF8.GetString(line).Split(' ');
        return parts.Length <= Parts || (parts.Length == Parts + 1 && parts[Parts].Length < crcDigits);
    }

    /// <summary>Reads Unix seconds.</summary>
    internal static bool TryReadTime(string text, out DateTimeOffset time)
    {
        var isRead = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        time = isRead ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return isRead;
    }
}
