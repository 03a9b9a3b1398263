using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What a session takes of its image, unless somebody said otherwise; nothing from the built-in one.</summary>
/// <param name="image">What the image's maker said; null for nothing.</param>
internal sealed class SessionDefaults(ImageDefaults? image)
{
    /// <summary>Where programs start when nobody says where.</summary>
    internal const string UsualDirectory = "/workspace";

    /// <summary>Variables; what has no name is none.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Variables => (image?.Environment ?? [])
        .Select(word => word.Split('=', 2)).Where(parts => parts is [{ Length: > 0 }, _]).Select(parts => new KeyValuePair<string, string>(parts[0], parts[1]));

    /// <summary>Where the image has programs start, absolute; null when it does not say.</summary>
    internal string? StatedDirectory => image?.WorkingDirectory is { Length: > 0 } directory ? "/" + directory.TrimStart('/') : null;

    /// <summary>Where programs start.</summary>
    internal string WorkingDirectory => StatedDirectory ?? UsualDirectory;

    /// <summary>The program that the image's maker has started; null for none.</summary>
    internal IReadOnlyList<string>? Entrypoint => image?.Entrypoint is { Count: > 0 } words ? words : null;

    /// <summary>That program's arguments when nobody gives any, or the program itself; null for none.</summary>
    internal IReadOnlyList<string>? Command => image?.Command is { Count: > 0 } words ? words : null;

    /// <summary>
    /// Makes the directory where programs start, as the sandbox's root, when the image does not have it. Nothing runs inside yet, and its paths are resolved as a process inside would. What cannot be made is told to whoever starts a program there.
    /// </summary>
    internal void MakeWorkingDirectory(ISandbox sandbox)
    {
        if (StatedDirectory?.Trim('/') is not { Length: > 0 } path)
        {
            return;
        }

        var target = Encoding.UTF8.GetBytes(path);
        var owner = UserId.Effective == 0 ? new ProcessUser(sandbox.HostUser(0), sandbox.HostUser(0)) : default(ProcessUser?);
        using var root = BeneathRoot.OfWholeTree(FileDescriptor.Duplicate(sandbox.Root.Number));
        _ = ThreadUser.Run(owner, () => Entries.MakeDirectories(root, target, Entries.UsualDirectoryMode));
    }
}
