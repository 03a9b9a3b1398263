using System.Text;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>Where on the host the folder of a capability lies, and whether anything there may be changed. Pure but for opening.</summary>
internal sealed class FsRoots(NamedRoots roots, KeptOut keptOut)
{
    /// <summary>Reads the roots from the environment.</summary>
    /// <exception cref="SettingsException">The variable says what no root can be.</exception>
    internal static NamedRoots From(Func<string, string?> variable, NodeSettings settings)
    {
        if (!NamedRoots.TryParse(variable(NamedRoots.Variable), out var roots, out var fault))
        {
            throw new SettingsException($"{NamedRoots.Variable} {fault}");
        }

        return roots.FaultWith([("state directory", settings.StateDir), ("runtime directory", settings.RuntimeDir)]) is { } clash
            ? throw new SettingsException($"{NamedRoots.Variable} {clash}")
            : roots;
    }

    /// <summary>The place of a prefix; null when this node serves none such.</summary>
    internal RootPlace? PlaceOf(PathPrefix prefix)
    {
        if (!roots.AreNamed)
        {
            // Without named roots the host itself is served, to read.
            return prefix.RootName is null ? new RootPlace(prefix.Value, [], IsWritable: false, keptOut) : null;
        }

        if (roots.Of(prefix) is not { } root)
        {
            return null;
        }

        var inner = prefix.RootName is not null ? prefix.Path[1..] : prefix.Path[root.Path.Value.Length..].TrimStart('/');
        // What lies beneath a root is held there by the kernel, links in it included. Nothing lies outside of / itself.
        return root.Path.Value == "/"
            ? new RootPlace("/" + inner, [], root.IsWritable, keptOut)
            : new RootPlace(root.Path.Value, Encoding.UTF8.GetBytes(inner), root.IsWritable, keptOut);
    }
}

/// <summary>A folder to be opened.</summary>
/// <param name="Directory">A folder of the host; links on the way to it are followed.</param>
/// <param name="Inner">The path beneath it, which no link leaves; empty for the folder itself.</param>
/// <param name="IsWritable">Whether anything in it may be changed.</param>
/// <param name="KeptOut">What is not opened though it lies beneath.</param>
internal readonly record struct RootPlace(string Directory, byte[] Inner, bool IsWritable, KeptOut KeptOut)
{
    /// <summary>Opens it.</summary>
    /// <exception cref="LinuxException">It is not there, or not to be reached.</exception>
    internal BeneathRoot Open()
    {
        var root = BeneathRoot.Open(Directory, KeptOut);
        if (Inner.Length == 0)
        {
            return root;
        }

        using (root)
        {
            return root.OpenRoot(Inner);
        }
    }
}
