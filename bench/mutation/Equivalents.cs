namespace Strata.Mutation;

/// <summary>
/// The changes that are argued to change nothing, each by its member and texts, so that other lines may come and go: a line
/// <c>TYPE.MEMBER: BEFORE -> AFTER</c>, and beneath it, indented, the reason.
/// </summary>
internal sealed class Equivalents
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Reads them; none where there is no file.</summary>
    public static Equivalents Read(string file)
    {
        var read = new Equivalents();
        string[] lines = File.Exists(file) ? [.. File.ReadAllLines(file).Where(l => l.Length > 0 && l[0] != '#')] : [];
        for (var i = 0; i < lines.Length; i += 2)
        {
            if (lines[i][0] == ' ' || i + 1 == lines.Length || lines[i + 1].Trim().Length == 0 || lines[i + 1][0] != ' ')
            {
                throw new FormatException($"{file}: \"{lines[i]}\" must be a change, with its reason on an indented line beneath");
            }

            if (!read._names.Add(lines[i]))
            {
                throw new FormatException($"{file}: \"{lines[i]}\" stands there twice");
            }
        }

        return read;
    }

    public bool Holds(Change change) => _names.Contains(change.Name);

    /// <summary>Those that are no change of the sources any more.</summary>
    public IEnumerable<string> Gone(IEnumerable<Change> all) => _names.Except(all.Select(c => c.Name));
}
