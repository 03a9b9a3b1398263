using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Reads small files out of an image's layers as an overlay of them would show them. No link is followed.</summary>
internal static class LayerFiles
{
    /// <summary>The content of a file; null when the image has none of that name.</summary>
    /// <param name="layers">The layers' directories, the topmost first.</param>
    /// <param name="directory">The name of a directory of the root.</param>
    /// <param name="name">A name in it.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <exception cref="ArchiveException">It is no regular file in a directory, or longer.</exception>
    internal static byte[]? Read(IReadOnlyList<string> layers, string directory, string name, int maxBytes)
    {
        foreach (var layer in layers)
        {
            using var root = DirectoryHandle.Open(layer);
            if (IsHidden(root, directory) is not { } isHidden)
            {
                continue;
            }

            if (isHidden)
            {
                return null; // With all that is beneath.
            }

            using var inner = new FileDescriptor(Check(BeneathRoot.TryDescend(root, Bytes(directory), KeptOut.Nothing), $"/{directory}"));
            if (IsHidden(inner, name) is { } fileIsHidden)
            {
                return fileIsHidden ? null : ReadFile(inner, directory, name, maxBytes);
            }

            if (OverlayMarks.IsOpaque(inner))
            {
                return null;
            }
        }

        return null;
    }

    // Whether a layer hides what those beneath have of a name; null when it has nothing of that name.
    private static bool? IsHidden(FileDescriptor directory, string name) =>
        FileStatus.TryGetEntry(directory, Bytes(name), out var status) >= 0 ? OverlayMarks.Hides(directory, Bytes(name), status) : null;

    private static byte[] ReadFile(FileDescriptor directory, string place, string name, int maxBytes)
    {
        using var file = new FileDescriptor(Check(BeneathRoot.TryOpenEntry(directory, Bytes(name), out var status), $"/{place}/{name}"));
        if (status.SizeBytes > maxBytes)
        {
            throw new ArchiveException($"the image's /{place}/{name} has more than {maxBytes} bytes");
        }

        var content = new byte[status.SizeBytes];
        var have = 0;
        for (int read; have < content.Length && (read = Check(FileContent.TryRead(file.Number, content.AsSpan(have), have), $"/{place}/{name}")) > 0; have += read)
        {
        }

        return content[..have];
    }

    private static int Check(int result, string what) => result >= 0 ? result : throw new ArchiveException($"the image's {what} cannot be read ({Errno.Name(result)}): it is a link or no file, and no link is followed");

    private static byte[] Bytes(string name) => System.Text.Encoding.ASCII.GetBytes(name);
}
