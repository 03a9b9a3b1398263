using System.Globalization;

namespace Strata.Supervision;

/// <summary>Durations and lists as people read them, the same on every machine.</summary>
internal static class Words
{
    internal static string Duration(TimeSpan? duration)
    {
        if (duration is not { } value)
        {
            return "an unknown time";
        }

        return value switch
        {
            { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0} ms"),
            { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.#} s"),
            { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMinutes:0.#} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value.TotalHours:0.#} h"),
        };
    }

    /// <summary>A policy as it is written in a manifest.</summary>
    internal static string Of(RestartPolicy policy) => policy switch
    {
        RestartPolicy.Always => "always",
        RestartPolicy.OnFailure => "on_failure",
        _ => "never",
    };

    internal static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : noun.EndsWith('h') ? "es" : "s")}");
}
