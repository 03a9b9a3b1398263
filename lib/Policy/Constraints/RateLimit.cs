using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Strata.Policy;

/// <summary>Requests a second, written <c>50rps</c>: decimal digits without a leading zero, then <c>rps</c>.</summary>
/// <param name="PerSecond">1 to <see cref="MaxPerSecond"/>.</param>
public readonly record struct RateLimit(int PerSecond)
{
    /// <summary>The highest rate: 1 000 000 a second.</summary>
    public const int MaxPerSecond = 1_000_000;

    private const string Unit = "rps";

    /// <summary>Reads a rate. Other spellings (<c>50/s</c>, <c>50 rps</c>, <c>0050rps</c>, <c>0rps</c>) are refused, never taken as "no limit".</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">The rate, when the answer is true.</param>
    /// <param name="fault">What is wrong and what is expected, when the answer is false.</param>
    public static bool TryParse(string? text, out RateLimit limit, [NotNullWhen(false)] out string? fault)
    {
        limit = default;
        if (IsRate(text, out var perSecond))
        {
            limit = new RateLimit(perSecond);
            fault = null;
            return true;
        }

        fault = $"must be a whole number from 1 to {MaxPerSecond} followed by \"{Unit}\", such as \"50rps\"";
        return false;
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => PerSecond.ToString(CultureInfo.InvariantCulture) + Unit;

    private static bool IsRate(string? text, out int perSecond)
    {
        perSecond = default;
        // The platform's parser forgives NULs after the digits: a second spelling.
        return text is not null && text.EndsWith(Unit, StringComparison.Ordinal) && text[0] != '0'
            && !text.AsSpan()[..^Unit.Length].ContainsAnyExceptInRange('0', '9')
            && int.TryParse(text.AsSpan()[..^Unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out perSecond)
            && perSecond <= MaxPerSecond;
    }
}
