using System.Text;

namespace Strata.Linux;

/// <summary>
/// Files that decide what is done with this process's authority: whoever can change one of them has that authority too, so
/// owner and mode of each, of the directory and of what leads to it are judged on the very inodes that are read.
/// </summary>
public sealed class TrustedDirectory
{
    private const int WritableByOthers = 0x12; // 0022
    private const int Sticky = 0x200; // 01000

    private readonly string _path;

    private TrustedDirectory(string path) => _path = path;

    /// <summary>Whether there is such a directory.</summary>
    public bool Exists { get; private set; }

    /// <summary>The files, by name.</summary>
    public IReadOnlyList<TrustedFile> Files { get; private set; } = [];

    /// <summary>What is wrong with the directory itself; sentences that name the place and what to run.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>Reads the files whose names end in a suffix. Links that lead out of the directory are not followed.</summary>
    /// <param name="path">The directory; one that is not there has no files and no faults.</param>
    /// <param name="suffix">The end of the names wanted; names that begin with a dot are left out.</param>
    /// <param name="maxFiles">More than so many are a fault, and none is read.</param>
    /// <param name="maxFileBytes">Of a larger file one byte more than this is read, so that the reader sees that it is.</param>
    /// <param name="judge">False to read whatever belongs to whomever.</param>
    public static TrustedDirectory Read(string path, string suffix, int maxFiles, int maxFileBytes, bool judge)
    {
        var directory = new TrustedDirectory(path);
        try
        {
            using var root = BeneathRoot.Open(path);
            directory.Exists = true;
            directory.Faults = judge ? [.. FaultsOf(root, path)] : [];
            directory.ReadFiles(root, suffix, maxFiles, maxFileBytes, judge);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            // There need not be one.
        }
        catch (LinuxException e)
        {
            directory.Faults = [e.Message];
        }

        return directory;
    }

    private void ReadFiles(BeneathRoot root, string suffix, int maxFiles, int maxFileBytes, bool judge)
    {
        var names = new List<byte[]>();
        int opened = root.TryOpenDirectory("."u8, out _);
        using var reader = new DirectoryReader(new FileDescriptor(LinuxException.Check(opened, "open", _path)));
        byte[] end = Encoding.UTF8.GetBytes(suffix);
        while (LinuxException.Check(reader.TryNext(out var entry), "getdents64", _path) > 0 && names.Count <= maxFiles)
        {
            if (entry.Name.EndsWith(end) && entry.Name[0] != (byte)'.')
            {
                names.Add(entry.Name.ToArray());
            }
        }

        if (names.Count > maxFiles)
        {
            Faults = [.. Faults, $"'{_path}' has more than {maxFiles} files that end in {suffix}"];
            return;
        }

        Files = [.. names.Select(name => ReadFile(root, name, maxFileBytes, judge)).OrderBy(f => f.Path, StringComparer.Ordinal)];
    }

    private TrustedFile ReadFile(BeneathRoot root, byte[] name, int maxFileBytes, bool judge)
    {
        string path = Path.Join(_path, Encoding.UTF8.GetString(name));
        int opened = root.TryOpenFile(name, out FileStatus status);
        if (opened < 0)
        {
            return new TrustedFile(path, default, opened switch
            {
                -Errno.EXDEV => "is a link that leads out of the directory; put the file itself there",
                -Errno.EISDIR => "is a directory; a file is wanted",
                -Errno.EOPNOTSUPP => "is not a regular file",
                _ => $"cannot be opened ({Errno.Name(-opened)})",
            });
        }

        using var file = new FileDescriptor(opened);
        if (judge && FaultOf(status, path, isAncestor: false) is { } fault)
        {
            return new TrustedFile(path, default, fault);
        }

        var content = new byte[maxFileBytes + 1];
        int count = 0;
        int read;
        while ((read = FileContent.TryRead(opened, content.AsSpan(count), count)) > 0)
        {
            count += read;
        }

        return read < 0 ? new TrustedFile(path, default, $"cannot be read ({Errno.Name(-read)})") : new TrustedFile(path, content.AsMemory(0, count), null);
    }

    private static IEnumerable<string> FaultsOf(BeneathRoot root, string path)
    {
        if (FileStatus.TryGet(root.Handle.Number, out FileStatus status) >= 0 && FaultOf(status, path, isAncestor: false) is { } own)
        {
            yield return $"'{path}' {own}";
        }

        // The kernel's own name of the open directory: links on the way to it have been followed, and are no place to hide.
        string? real = new FileInfo(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{root.Handle.Number}")).LinkTarget;
        for (string? above = Path.GetDirectoryName(real); above is not null; above = Path.GetDirectoryName(above))
        {
            if (FileStatus.TryGetNoFollow(above, out status) >= 0 && FaultOf(status, above, isAncestor: true) is { } fault)
            {
                yield return $"'{above}', which leads to '{path}', {fault}";
            }
        }
    }

    // In a sticky directory others cannot rename what is not theirs; but they can add to it.
    private static string? FaultOf(FileStatus status, string path, bool isAncestor)
    {
        uint self = UserId.Effective;
        string quoted = $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return status.Uid != 0 && status.Uid != self ? $"belongs to uid {status.Uid}, neither root nor the user of this node; run: chown {self} {quoted}"
            : (status.Mode & WritableByOthers) != 0 && !(isAncestor && (status.Mode & Sticky) != 0)
                ? $"has mode {Convert.ToString(status.Mode & 0xfff, 8)}, so others can change what this node runs; run: chmod go-w {quoted}"
            : null;
    }
}
