namespace Strata.Linux;

/// <summary>
/// The marks by which a layer of an overlay says what of the layers beneath is not shown, as the kernel's documentation has them (filesystems/overlayfs, "whiteouts and opaque directories").
/// Those that are attributes are root's own (<c>trusted.overlay</c>); where this process is another user's, those that an overlay believes in a user namespace (<c>user.overlay</c>).
/// </summary>
public static class OverlayMarks
{
    private const string Opaque = "opaque";
    private const string Whiteout = "whiteout";
    private const byte Yes = (byte)'y';
    private const byte HasWhiteouts = (byte)'x';
    private const int WhiteoutMode = 0x180; // What others set of a user's own attributes takes leave to write.

    private static readonly string Prefix = UserId.Effective == 0 ? "trusted.overlay." : "user.overlay.";

    // Which looks for whiteouts that are files.
    private static readonly Version FirstKernel = new(6, 8);

    /// <summary>
    /// Hides what the layers beneath have of a name: by a device 0:0; where none can be made, as on a file system that is an overlay itself, by an empty file with the mark of one, which
    /// Linux 6.8 and later understand.
    /// </summary>
    /// <param name="directory">The layer's directory; must have nothing of that name.</param>
    /// <param name="name">The name.</param>
    /// <returns>0, or a negated <see cref="Errno"/>: EPERM where neither can be.</returns>
    public static int TryHide(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        int made = EntryChanges.TryMakeSpecial(directory, name, FileKind.CharacterDevice);
        return made == -Errno.EPERM && Environment.OSVersion.Version >= FirstKernel ? TryHideByFile(directory, name) : made;
    }

    /// <summary>Hides all that the layers beneath have in a directory.</summary>
    /// <param name="directory">The layer's directory, open.</param>
    /// <returns>0, or a negated <see cref="Errno"/>: EOPNOTSUPP where no such mark can be.</returns>
    public static int TryMakeOpaque(FileDescriptor directory) => TreeChanges.TrySetAttribute(directory.Number, Prefix + Opaque, [Yes]);

    /// <summary>Whether an entry is no file of its layer, but hides those beneath.</summary>
    /// <param name="directory">The layer's directory.</param>
    /// <param name="name">The entry's name.</param>
    /// <param name="status">What it is.</param>
    public static bool Hides(FileDescriptor directory, ReadOnlySpan<byte> name, in FileStatus status)
    {
        if (status.Kind != FileKind.Regular || status.SizeBytes > 0)
        {
            return status.Kind == FileKind.CharacterDevice;
        }

        using var parent = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
        int found = parent.TryFind(name, out _);
        if (found < 0)
        {
            return false;
        }

        using var entry = new FileDescriptor(found);
        return Has(found, Whiteout);
    }

    /// <summary>Whether a directory of a layer hides all that those beneath have in it.</summary>
    /// <param name="directory">Open.</param>
    public static bool IsOpaque(FileDescriptor directory)
    {
        Span<byte> value = stackalloc byte[1];
        return TreeChanges.TryGetAttribute(directory.Number, Prefix + Opaque, value) == 1 && value[0] == Yes;
    }

    /// <summary>Whether a directory says that it lies elsewhere in the layers beneath.</summary>
    /// <param name="directory">Open.</param>
    public static bool IsRedirected(FileDescriptor directory) => Has(directory.Number, "redirect");

    private static int TryHideByFile(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        using var parent = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
        int made = parent.TryOpenFile(name, new FileOpening { Access = FileAccess.Write, Create = true, Exclusive = true, Mode = WhiteoutMode }, out _, out _);
        if (made < 0)
        {
            return made;
        }

        using var file = new FileDescriptor(made);
        int marked = TreeChanges.TrySetAttribute(made, Prefix + Whiteout, [Yes]);
        // The kernel looks for such files only where the directory says so.
        return marked < 0 || IsOpaque(directory) ? marked : TreeChanges.TrySetAttribute(directory.Number, Prefix + Opaque, [HasWhiteouts]);
    }

    // Without room for it, the answer is how long it is.
    private static bool Has(int file, string mark) => TreeChanges.TryGetAttribute(file, Prefix + mark, default) >= 0;
}
