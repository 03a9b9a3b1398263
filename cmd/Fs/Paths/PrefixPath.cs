using System.Text;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>
/// A requested path, resolved to a prefix and what lies beneath it. The prefix is opened anew for each call, so that one that
/// was renamed or replaced is never served stale; links in the prefix itself are followed, which is the issuer's decision, but never
/// out of a named root.
/// </summary>
/// <param name="Place">The capability's prefix.</param>
/// <param name="Relative">The path beneath it, UTF-8; <c>.</c> for the prefix itself.</param>
internal readonly record struct PrefixPath(RootPlace Place, byte[] Relative)
{
    internal delegate int Opener(BeneathRoot root, ReadOnlySpan<byte> path, out FileStatus status);

    /// <summary>Whether the path is the prefix itself.</summary>
    internal bool IsPrefixItself => Relative.AsSpan().SequenceEqual("."u8);

    /// <summary>The path as text, for messages to its own caller.</summary>
    internal string Text => Encoding.UTF8.GetString(Relative);

    /// <summary>Opens beneath the prefix. May wait for the file system.</summary>
    internal PathOutcome Apply(Opener open)
    {
        var relative = Relative;
        return Run(root =>
        {
            var result = open(root, relative, out var status);
            return PathOutcome.Of(result, status);
        });
    }

    /// <summary>Works beneath the prefix. May wait for the file system.</summary>
    internal PathOutcome Run(Func<BeneathRoot, PathOutcome> work)
    {
        BeneathRoot root;
        try
        {
            root = Place.Open();
        }
        catch (LinuxException e)
        {
            return PathOutcome.OfPrefix(-e.Errno);
        }

        using (root)
        {
            return work(root);
        }
    }
}
