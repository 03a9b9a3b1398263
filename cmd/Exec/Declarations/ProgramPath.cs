namespace Strata.Exec;

/// <summary>Where programs are looked for: beside the file that names them, or in PATH.</summary>
/// <param name="folder">The file's folder, absolute.</param>
/// <param name="path">The variable PATH.</param>
internal sealed class ProgramPath(string folder, string? path)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The absolute path of a program; null when there is none that may be executed.</summary>
    /// <param name="name">An absolute path, one that begins with <c>./</c> and lies beneath the file's folder, or a bare name.</param>
    internal string? Find(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            var absolute = name[0] == '/' ? name : name.StartsWith("./", StringComparison.Ordinal) ? Path.Combine(folder, name[2..]) : null;
            return absolute is not null && IsProgram(absolute) ? absolute : null;
        }

        var folders = (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathFullyQualified);
        return name.Length == 0 ? null : folders.Select(dir => Path.Combine(dir, name)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string file) => File.Exists(file) && (File.GetUnixFileMode(file) & AnyExecute) != 0;
}
