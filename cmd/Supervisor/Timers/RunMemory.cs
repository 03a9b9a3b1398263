using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// When timers that catch up last ran, a small file each in <c>timers</c> of the state directory, so that the next supervisor can
/// tell whether a time was missed. Written beside the node: what a disk refuses is only not made up for.
/// </summary>
internal sealed class RunMemory(NodeSettings settings, ILogger log)
{
    /// <summary>Bytes of a file that are looked at.</summary>
    internal const int MaxFileBytes = 64;

    private const int DirectoryMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    private readonly ConcurrentDictionary<string, DateTimeOffset?> _waiting = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();

    private string Directory => Path.Combine(settings.StateDir, "timers");

    /// <summary>What earlier supervisors wrote down.</summary>
    internal ImmutableDictionary<string, DateTimeOffset> Load()
    {
        var runs = ImmutableDictionary.CreateBuilder<string, DateTimeOffset>(StringComparer.Ordinal);
        try
        {
            foreach (var path in System.IO.Directory.Exists(Directory) ? System.IO.Directory.EnumerateFiles(Directory).Take(ManifestLimits.MaxServices) : [])
            {
                if (TimeIn(path) is { } at)
                {
                    runs[Path.GetFileName(path)] = at;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.RunsNotKept(e.Message);
        }

        return runs.ToImmutable();
    }

    /// <summary>Writes down when a timer ran; null to forget it. Never blocks; of several times of one timer the last counts.</summary>
    internal Task Keep(string name, DateTimeOffset? at)
    {
        _waiting[name] = at;
        return Task.Run(Write);
    }

    private static DateTimeOffset? TimeIn(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[MaxFileBytes];
        var text = Encoding.ASCII.GetString(bytes, 0, file.ReadAtLeast(bytes, MaxFileBytes, throwOnEndOfStream: false)).TrimEnd('\n');
        return DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;
    }

    private void Write()
    {
        lock (_writing)
        {
            try
            {
                foreach (var name in _waiting.Keys)
                {
                    if (_waiting.TryRemove(name, out var at))
                    {
                        Write(name, at);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.RunsNotKept(e.Message);
            }
        }
    }

    private void Write(string name, DateTimeOffset? at)
    {
        if (at is not { } time)
        {
            File.Delete(Path.Combine(Directory, name));
            return;
        }

        using var directory = PrivateDirectory.Ensure(Directory, DirectoryMode);
        DurableFile.Replace(directory, name, Encoding.ASCII.GetBytes(time.ToString("O", CultureInfo.InvariantCulture) + "\n"), FileMode);
    }
}
