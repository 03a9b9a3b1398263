using System.Globalization;

namespace Strata.Sandbox;

/// <summary>Times as callers are told them: RFC 3339, UTC, milliseconds.</summary>
internal static class TimeText
{
    internal static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
