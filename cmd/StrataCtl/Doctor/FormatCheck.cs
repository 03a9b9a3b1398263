using Strata.Contracts;

namespace Strata.StrataCtl.Doctor;

/// <summary>Whether this version of Strata may use the state as it lies there.</summary>
internal static class FormatCheck
{
    private const string Check = "state format";

    /// <summary>Looks into the state directory; nothing when it may not be seen, which another check tells.</summary>
    public static IEnumerable<Finding> Of(string directory)
    {
        var path = Path.Combine(directory, StateFormat.FileName);
        var file = new FileInfo(path);
        if (!Directory.Exists(directory))
        {
            yield break;
        }

        if (!Path.Exists(path) && file.LinkTarget is null)
        {
            if (CanList(directory))
            {
                yield return Finding.Ok(Check, $"{StateFormat.Unsaid}, not said yet: the next start of the node writes {StateFormat.FileName}");
            }

            yield break;
        }

        yield return Judge(directory, path, file);
    }

    private static Finding Judge(string directory, string path, FileInfo file)
    {
        const string fix = "restore it, or the whole state, from a backup; or remove it if no newer version of Strata ever ran here";
        string? fault = file.LinkTarget is not null || !file.Exists ? "is no regular file" : file.Length > StateFormat.MaxFileBytes ? $"has {file.Length} bytes, more than {StateFormat.MaxFileBytes}" : null;
        try
        {
            var format = fault is null ? StateFormat.TryParse(File.ReadAllBytes(path), out fault) : null;
            return format is null ? Finding.Fail(Check, $"{path} {fault}", fix)
                : format.RefusalFor(directory) is { } refusal ? Finding.Fail(Check, refusal, $"install Strata {format.WrittenBy} or newer")
                : Finding.Ok(Check, $"{format.Format}, written by Strata {format.WrittenBy}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Warn(Check, $"{path} cannot be read: {e.Message}", "run as root or as the user of the node");
        }
    }

    private static bool CanList(string directory)
    {
        try
        {
            _ = Directory.GetFileSystemEntries(directory);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
