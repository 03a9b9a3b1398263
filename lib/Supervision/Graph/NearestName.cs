namespace Strata.Supervision;

/// <summary>"Did you mean": the known name with the smallest edit distance (Levenshtein), when it is near enough to be a typo.</summary>
public static class NearestName
{
    /// <summary>The nearest of <paramref name="known"/>, or null when none differs by at most a third of its length (at least 2 edits).</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        // A name far over the limit cannot be a typo, and its distance would be costly.
        if (name.Length > 2 * ManifestLimits.MaxNameChars)
        {
            return null;
        }

        var nearest = known.Select(k => (Name: k, Edits: Distance(name, k)))
            .OrderBy(k => k.Edits).ThenBy(k => k.Name, StringComparer.Ordinal).FirstOrDefault();
        return nearest.Name is not null && nearest.Edits <= Math.Max(2, nearest.Name.Length / 3) ? nearest.Name : null;
    }

    internal static string Hint(string name, IEnumerable<string> known) => Of(name, known) is { } near ? $"; did you mean {near}?" : "";

    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        foreach (var (row, letter) in left.Index())
        {
            var current = new int[right.Length + 1];
            current[0] = row + 1;
            for (var column = 0; column < right.Length; column++)
            {
                var swap = previous[column] + (letter == right[column] ? 0 : 1);
                current[column + 1] = Math.Min(swap, Math.Min(previous[column + 1], current[column]) + 1);
            }

            previous = current;
        }

        return previous[right.Length];
    }
}
