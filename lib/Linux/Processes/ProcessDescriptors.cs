using System.Globalization;

namespace Strata.Linux;

/// <summary>What another process holds open and was started with. For root and the process's own user; others see nothing.</summary>
public static class ProcessDescriptors
{
    /// <summary>Descriptors looked at.</summary>
    public const int MaxDescriptors = 4096;

    private const int MaxEnvironmentBytes = 1 << 20;

    /// <summary>The number under which it holds a socket; null when it does not, or may not be looked at.</summary>
    /// <param name="pid">A process.</param>
    /// <param name="inode">The socket's inode number.</param>
    public static int? NumberOf(int pid, ulong inode) =>
        Find(pid, link => link == string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]"))?.Number;

    /// <summary>A file that it holds open and that lies in a directory; null when there is none.</summary>
    /// <param name="pid">A process.</param>
    /// <param name="directory">An absolute path.</param>
    public static string? FileIn(int pid, string directory) => Find(pid, link => link.StartsWith(directory + "/", StringComparison.Ordinal))?.Link;

    /// <summary>A variable it was started with, as long as the process left that memory alone; null when there is none.</summary>
    /// <param name="pid">A process.</param>
    /// <param name="variable">The variable's name.</param>
    public static string? EnvironmentOf(int pid, string variable)
    {
        try
        {
            using var file = File.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
            byte[] bytes = new byte[MaxEnvironmentBytes];
            int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, count).Split('\0')
                .FirstOrDefault(text => text.StartsWith(variable + "=", StringComparison.Ordinal))?[(variable.Length + 1)..];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (int Number, string Link)? Find(int pid, Predicate<string> wanted)
    {
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd")).Take(MaxDescriptors))
            {
                if (new FileInfo(path).LinkTarget is { } link && wanted(link))
                {
                    return (int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), link);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended, or is none of our business.
        }

        return null;
    }
}
