using System.Globalization;

namespace Strata.Supervision;

/// <summary>Decides when a log file has grown enough, and what becomes of the files.</summary>
public static class LogRotation
{
    /// <summary>Name of the present file; the one before it has <c>.1</c> added, and so on.</summary>
    public const string FileName = "log.jsonl";

    /// <summary>Whether a new file must be begun before something is appended.</summary>
    /// <param name="length">Bytes in the present file.</param>
    /// <param name="more">Bytes to append.</param>
    /// <param name="policy">The bounds. A single piece larger than a file gets a file of its own.</param>
    public static bool IsDue(long length, int more, LogPolicy policy) => length > 0 && length + more > policy.MaxBytes;

    /// <summary>The renames that make room for a new present file, in order; each replaces what is there.</summary>
    /// <param name="policy">The bounds; with one file alone there is none, and the present one is emptied instead.</param>
    public static IEnumerable<(string From, string To)> Renames(LogPolicy policy)
    {
        for (var number = policy.Files - 1; number >= 1; number--)
        {
            yield return (NameOf(number - 1), NameOf(number));
        }
    }

    /// <summary>Name of a file by its age.</summary>
    /// <param name="number">0 for the present one.</param>
    public static string NameOf(int number) => number == 0 ? FileName : string.Create(CultureInfo.InvariantCulture, $"{FileName}.{number}");
}
