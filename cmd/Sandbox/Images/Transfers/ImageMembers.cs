using System.Globalization;
using System.Text;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Where the files are that an archive of an image is made of.</summary>
internal sealed class ImageMembers
{
    /// <summary>Most members of an archive that is looked at as an image; one with more is a root.</summary>
    internal const int MaxMembers = 4096;

    private readonly FileStream _file;
    private readonly Dictionary<string, (long Offset, long Bytes)> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    private ImageMembers(FileStream file) => _file = file;

    /// <summary>Looks through an archive; null when it has too many members to be an image's.</summary>
    /// <exception cref="ArchiveException">It is none.</exception>
    internal static ImageMembers? TryIndex(FileStream file, ImageOptions options)
    {
        var members = new ImageMembers(file);
        var tar = new TarArchive(file);
        for (int count = 0; tar.Next() is { } entry; count++)
        {
            if (count == MaxMembers)
            {
                return null;
            }

            var name = string.Join('/', LayerPath.Parse(entry.Path, options.Unpacking).Select(Encoding.UTF8.GetString));
            if (entry.Kind == TarKind.File)
            {
                members._members[name] = (file.Position, entry.SizeBytes);
            }
            else if (entry.Kind == TarKind.Link)
            {
                members._links[name] = Encoding.UTF8.GetString(entry.Target);
            }
        }

        return members;
    }

    internal static string BlobName(Digest digest) => $"blobs/sha256/{digest.Hex}";

    internal bool Has(string name) => _members.ContainsKey(name);

    internal long BytesOf(string name) => Find(name).Bytes;

    /// <summary>A member at its beginning.</summary>
    internal (Stream Content, long Bytes) Open(string name)
    {
        var (offset, bytes) = Find(name);
        _file.Position = offset;
        return (_file, bytes);
    }

    /// <summary>A small member.</summary>
    internal byte[] Read(string name, int maxBytes)
    {
        var (content, bytes) = Open(name);
        if (bytes > maxBytes)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"{name} of the archive has {bytes} bytes; the most is {maxBytes}"));
        }

        var read = new byte[bytes];
        content.ReadExactly(read);
        return read;
    }

    /// <summary>A small member that must be what its name says.</summary>
    internal byte[] ReadBlob(Digest digest, int maxBytes) =>
        Read(BlobName(digest), maxBytes) is var content && Digest.Of(content) == digest ? content : throw Other(digest);

    /// <summary>Refuses a member of any size that is not what its name says.</summary>
    internal void CheckBlob(Digest digest, CancellationToken cancellation)
    {
        var (content, bytes) = Open(BlobName(digest));
        using var part = new PartStream(content, bytes);
        var hash = new Sha256Hash();
        var buffer = new byte[128 * 1024];
        for (int read; (read = part.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, read));
        }

        if (hash.Finish() != digest.Hex)
        {
            throw Other(digest);
        }
    }

    private (long Offset, long Bytes) Find(string name) =>
        _members.TryGetValue(name, out var place) ? place
        : _links.TryGetValue(name, out var target) && _members.TryGetValue(Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(name) ?? "", target))), out place) ? place
        : throw new ArchiveException($"the archive does not have {name}, which its image names");

    private static ArchiveException Other(Digest digest) => new($"what the archive has as {digest} is something else");
}
