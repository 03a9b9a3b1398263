using System.Globalization;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A group of the unified hierarchy of control groups, and those below it. Nothing here needs a controller.</summary>
/// <param name="directory">Its directory.</param>
public sealed class GroupTree(string directory)
{
    /// <summary>The most groups below one that are looked at.</summary>
    public const int MaxGroups = 65_536;

    private const int PollPriority = 2;

    /// <summary>Its directory.</summary>
    public string Directory => directory;

    /// <summary>Makes a group below it.</summary>
    /// <param name="name">A plain name.</param>
    /// <exception cref="ConfinementException">The kernel refused.</exception>
    public GroupTree Add(string name)
    {
        string below = Path.Combine(directory, name);
        return GroupFiles.TryMakeDirectory(below) is { } fault ? throw new ConfinementException("limits", fault) : new GroupTree(below);
    }

    /// <summary>Puts a process in.</summary>
    /// <param name="pid">The process.</param>
    /// <exception cref="ConfinementException">The kernel refused.</exception>
    public void Admit(int pid)
    {
        if (GroupFiles.TryWrite(Path.Combine(directory, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture)) is { } fault)
        {
            throw new ConfinementException("limits", fault);
        }
    }

    /// <summary>Kills all that is in it or below.</summary>
    /// <returns>Whether the kernel can do that (5.14), or the group is gone.</returns>
    public bool TryKill() => GroupFiles.TryWrite(Path.Combine(directory, "cgroup.kill"), "1") is null || !System.IO.Directory.Exists(directory);

    /// <summary>Stops all that is in it or below where it is, or lets it go on; waits until it is so.</summary>
    /// <param name="frozen">Which.</param>
    /// <param name="patienceMs">How long to wait at most.</param>
    /// <returns>Whether it is so.</returns>
    public bool TryFreeze(bool frozen, int patienceMs) =>
        GroupFiles.TryWrite(Path.Combine(directory, "cgroup.freeze"), frozen ? "1" : "0") is null && TryAwait(frozen ? "frozen 1"u8 : "frozen 0"u8, patienceMs);

    /// <summary>Waits until no process is in it or below.</summary>
    /// <param name="patienceMs">How long to wait at most.</param>
    /// <returns>Whether it is so.</returns>
    public bool TryAwaitEmpty(int patienceMs) => TryAwait("populated 0"u8, patienceMs);

    private unsafe bool TryAwait(ReadOnlySpan<byte> state, int patienceMs)
    {
        try
        {
            using var events = File.OpenHandle(Path.Combine(directory, "cgroup.events"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> text = stackalloc byte[256];
            while (true)
            {
                int count = RandomAccess.Read(events, text, 0);
                if (text[..count].IndexOf(state) >= 0)
                {
                    return true;
                }

                var change = new Libc.PollRequest { Descriptor = (int)events.DangerousGetHandle(), Events = PollPriority };
                if (Libc.poll(&change, 1, patienceMs) <= 0)
                {
                    return false;
                }
            }
        }
        catch (IOException)
        {
            return false; // It is gone.
        }
    }

    /// <summary>The processes in it and below.</summary>
    public IReadOnlyList<int> Processes() => [.. Groups().SelectMany(PidsIn)];

    /// <summary>A number of one of its files: of the line that begins with a key, or the only one; null without it.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="key">The key; null for a file that holds a number alone.</param>
    public long? NumberOf(string file, string? key = null)
    {
        string path = Path.Combine(directory, file);
        try
        {
            return key is not null ? GroupFiles.NumberOf(path, key) : long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Removes it and those below.</summary>
    /// <returns>Whether it is gone; not while a process in it has not ended.</returns>
    public bool TryRemove()
    {
        bool gone = true;
        foreach (string group in Groups().Reverse())
        {
            gone = GroupFiles.TryRemoveDirectory(group) && gone;
        }

        return gone;
    }

    // Those above come before those below.
    private string[] Groups()
    {
        try
        {
            return [directory, .. System.IO.Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories).Take(MaxGroups).Order(StringComparer.Ordinal)];
        }
        catch (IOException)
        {
            return [directory]; // Gone, or about to be.
        }
    }

    private static IEnumerable<int> PidsIn(string group)
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(group, "cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
