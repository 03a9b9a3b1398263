using Strata.Contracts;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// The form of a node's state directory: said in a file before anything else is written there, refused before anything is touched when it is newer than this
/// program knows, and brought forward step by step when it is older.
/// </summary>
public static class StateDirectory
{
    private const int PrivateMode = 0x1C0; // 0700
    private const int WidestMode = 0x1ED; // 0755: whoever needs it closed says so himself.
    private const int FileMode = 0x180; // 0600
    private const string LockName = "format.lock";

    /// <summary>What this program knows; the first of the steps leads from format 1 to 2, and the last to the current one.</summary>
    private static readonly StateForms Known = new(StateFormat.Current, []);

    /// <summary>Looks and changes nothing.</summary>
    /// <param name="path">The state directory.</param>
    /// <returns>What the state is; null when there is none.</returns>
    /// <exception cref="SettingsException">It is newer than this program knows, or it cannot be told what it is.</exception>
    /// <exception cref="IOException">The directory must not be trusted.</exception>
    public static StateFormat? Check(string path) => Check(path, Known);

    /// <summary>Makes the state what this program reads and writes. For whoever holds the node's lock.</summary>
    /// <param name="path">The state directory; there, and ours alone.</param>
    /// <param name="obstacle">Asked before a step: why the state cannot be changed now; null when nothing speaks against it.</param>
    /// <returns>What was done to older state.</returns>
    /// <exception cref="SettingsException">It must be left alone; the message says why, and what to do.</exception>
    /// <exception cref="IOException">It could not be written; it is as it was, or as after one of the steps.</exception>
    public static IReadOnlyList<string> BringForward(string path, Func<string?> obstacle) => BringForward(path, obstacle, Known);

    /// <summary>As <see cref="BringForward(string, Func{string?})"/>, for a service that was not started by a supervisor: it does not change what other services have written.</summary>
    /// <param name="path">The state directory; made when it is missing. One of somebody else is left to those who need it.</param>
    /// <exception cref="SettingsException">It must be left alone.</exception>
    public static void ClaimAlone(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
                PrivateDirectory.Ensure(path, PrivateMode).Dispose();
            }

            _ = BringForward(path, () => "only a supervisor changes it; start one on it once", Known);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing of it can be used, and whoever tries says so with what it means for him.
        }
    }

    internal static StateFormat? Check(string path, StateForms known)
    {
        if (!Directory.Exists(path))
        {
            return null;
        }

        using var directory = PrivateDirectory.Ensure(path, WidestMode);
        return Read(directory, path, known);
    }

    internal static IReadOnlyList<string> BringForward(string path, Func<string?> obstacle, StateForms known)
    {
        using var directory = PrivateDirectory.Ensure(path, WidestMode);
        if (Said(directory, path, known) is { } said && said.Format == known.Current)
        {
            return [];
        }

        using var held = FileLock.Acquire(directory, LockName);
        var found = Read(directory, path, known)?.Format;
        if (found is null)
        {
            Write(directory, known.Current);
            return [];
        }

        if (found < known.Current && obstacle() is { } reason)
        {
            throw new SettingsException($"{Older(path, found.Value, known)}, and it cannot be brought forward now: {reason}. Nothing was changed");
        }

        var done = new List<string>();
        for (var format = found.Value; format < known.Current; format++)
        {
            var step = known.Steps[format - StateFormat.Unsaid];
            step.Apply(path);
            Write(directory, format + 1);
            done.Add($"from format {format} to {format + 1}: {step.What}");
        }

        if (done.Count == 0)
        {
            // State from before there was the file.
            Write(directory, known.Current);
        }

        return done;
    }

    /// <summary>That the state is older, in words; null when it is not.</summary>
    /// <param name="path">The state directory.</param>
    /// <param name="state">What <see cref="Check(string)"/> found.</param>
    public static string? WhyOlder(string path, StateFormat? state) => state is { Format: < StateFormat.Current } ? Older(path, state.Format, Known) : null;

    private static string Older(string path, int format, StateForms known) => $"the state in {path} has format {format}, and Strata {StrataVersion.Current} writes format {known.Current}";

    /// <summary>What the state is; null for an empty directory.</summary>
    private static StateFormat? Read(FileDescriptor directory, string path, StateForms known) =>
        Said(directory, path, known) ?? (IsEmpty(path) ? null : new StateFormat(StateFormat.Unsaid, "unknown"));

    private static StateFormat? Said(FileDescriptor directory, string path, StateForms known)
    {
        var content = BoundedFile.TryRead(directory, StateFormat.FileName, StateFormat.MaxFileBytes, out var fault);
        var said = content is null ? null : StateFormat.TryParse(content, out fault);
        if (fault is not null)
        {
            throw new SettingsException(
                $"{Path.Combine(path, StateFormat.FileName)} {fault}, so it cannot be told which version of Strata the state beside it is for. Nothing was changed. "
                + "Restore the file, or the whole state, from a backup; or remove the file if no newer version than this ever ran here");
        }

        return said?.RefusalFor(path, known.Current) is { } refusal ? throw new SettingsException(refusal) : said;
    }

    private static bool IsEmpty(string path) =>
        Directory.EnumerateFileSystemEntries(path).All(entry => Path.GetFileName(entry) is LockName or $".{StateFormat.FileName}.new");

    private static void Write(FileDescriptor directory, int format) =>
        DurableFile.Replace(directory, StateFormat.FileName, new StateFormat(format, StrataVersion.Current).Encode(), FileMode);
}
