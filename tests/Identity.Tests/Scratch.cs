using System.Globalization;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>A private directory that is gone after the test.</summary>
internal sealed class Scratch : IDisposable
{
    internal Scratch() => Path = Directory.CreateTempSubdirectory("sid").FullName;

    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>What a kill at this instant would leave: every file as the kernel has it now, nothing flushed or closed.</summary>
    /// <remarks>No listing is an instant: where a file was renamed between being listed and being read, the copy is taken anew.</remarks>
    internal static void CopyState(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                CopyDirectory(from, to);
                return;
            }
            catch (FileNotFoundException) when (attempt < 100)
            {
                Directory.Delete(to, recursive: true);
            }
        }
    }

    private static void CopyDirectory(string from, string to)
    {
        Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var directory in Directory.GetDirectories(from))
        {
            CopyDirectory(directory, System.IO.Path.Combine(to, System.IO.Path.GetFileName(directory)));
        }

        // The lock holds a pid and nothing else; a copy of it locks nobody out.
        foreach (var file in Directory.GetFiles(from).Where(f => System.IO.Path.GetFileName(f) != "lock"))
        {
            var copy = System.IO.Path.Combine(to, System.IO.Path.GetFileName(file));
            using var handle = File.OpenHandle(file);
            var bytes = new byte[RandomAccess.GetLength(handle)];
            var length = RandomAccess.Read(handle, bytes, 0);
            File.WriteAllBytes(copy, bytes.AsSpan(0, length));
            File.SetUnixFileMode(copy, File.GetUnixFileMode(handle));
        }
    }

    /// <summary>A capability id that a number names.</summary>
    internal static string Id(int number) => number.ToString("x32", CultureInfo.InvariantCulture);

    internal static RevokedCapability Revoked(int number, DateTimeOffset expires) => new(Id(number), DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()));
}
