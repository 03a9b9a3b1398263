using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A path of an archive, cut into its names. None of them leads anywhere by itself: no <c>..</c>, no slash, no NUL. Pure.</summary>
internal static class LayerPath
{
    /// <summary>The names; none for the root itself.</summary>
    /// <exception cref="ArchiveException">It leads out, or is beyond a bound.</exception>
    internal static IReadOnlyList<byte[]> Parse(ReadOnlySpan<byte> path, UnpackLimits limits)
    {
        if (path.Length > limits.MaxPathBytes)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has a path of {path.Length} bytes; the most is {limits.MaxPathBytes}"));
        }

        if (path.Contains((byte)0))
        {
            throw new ArchiveException("the archive has a path with a NUL in it");
        }

        var names = new List<byte[]>();
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name.IsEmpty || name.SequenceEqual("."u8))
            {
                continue;
            }

            if (name.SequenceEqual(".."u8))
            {
                throw new ArchiveException($"the archive has a path that leads out of it: {Encoding.UTF8.GetString(path)}");
            }

            if (name.Length > FileStatus.MaxNameBytes)
            {
                throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has a name of {name.Length} bytes; the most is {FileStatus.MaxNameBytes}"));
            }

            names.Add(name.ToArray());
        }

        return names.Count <= limits.MaxDepth ? names
            : throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has an entry {names.Count} directories deep; the most is {limits.MaxDepth}"));
    }
}
