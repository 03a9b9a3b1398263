using Strata.Hosting;

namespace Strata.Identity;

/// <summary>
/// Written last when a node's state is made for the first time: from then on a missing key or log is a loss, never a reason
/// to begin anew. Names the version of the directory's layout.
/// </summary>
internal static class NodeMarker
{
    internal const string FileName = "format";
    private const int MaxFileBytes = 64;

    private static ReadOnlySpan<byte> Content => "strata-identity 1\n"u8;

    /// <summary>What versions that know of one key a version must not take for a layout of theirs.</summary>
    private static ReadOnlySpan<byte> RotatedContent => "strata-identity 2\n"u8;

    /// <exception cref="SettingsException">The directory was written by a version that this one does not know.</exception>
    internal static bool IsNewNode(IdentityDirectory directory)
    {
        var content = directory.TryRead(FileName, MaxFileBytes);
        return content is null || (content.AsSpan().SequenceEqual(Content) || content.AsSpan().SequenceEqual(RotatedContent)
            ? false
            : throw new SettingsException($"{Path.Combine(directory.Path, FileName)} does not say \"strata-identity 1\" or 2: it is damaged, or a newer version wrote this directory; use that version"));
    }

    internal static void Set(IdentityDirectory directory, bool isNewNode)
    {
        if (isNewNode)
        {
            directory.Replace(FileName, Content);
        }
    }

    /// <summary>Whether the keys have been rotated, so that there must be a roll of them.</summary>
    internal static bool HasRotated(IdentityDirectory directory) => directory.TryRead(FileName, MaxFileBytes)?.AsSpan().SequenceEqual(RotatedContent) == true;

    /// <summary>Keeps earlier versions of this program away from now on.</summary>
    internal static void SetRotated(IdentityDirectory directory)
    {
        if (!HasRotated(directory))
        {
            directory.Replace(FileName, RotatedContent);
        }
    }
}
