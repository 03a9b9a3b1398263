using System.Text;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>
/// A requested path, resolved to a prefix and what lies beneath it. The prefix is opened anew for each call, so that one that
/// was renamed or replaced is never served stale; links in the prefix itself are followed, which is the issuer's decision.
/// </summary>
/// <param name="Prefix">The capability's prefix.</param>
/// <param name="Relative">The path beneath it, UTF-8; <c>.</c> for the prefix itself.</param>
internal readonly record struct PrefixPath(string Prefix, byte[] Relative)
{
    internal delegate int Opener(BeneathRoot root, ReadOnlySpan<byte> path, out FileStatus status);

    /// <summary>Resolves by the text alone, exactly as authorization did before the handler ran.</summary>
    internal static RpcError? Resolve(CapabilityClaims claims, string path, out PrefixPath resolved)
    {
        resolved = default;
        var prefix = claims.Constraints.PathPrefix;
        var resolution = PathScope.Resolve(prefix, path);
        if (!resolution.IsResolved)
        {
            return CapabilityAuthorizer.ErrorOf(resolution.Reason);
        }

        resolved = new PrefixPath(prefix!.Value, Encoding.UTF8.GetBytes(resolution.RelativePath));
        return null;
    }

    /// <summary>Opens beneath the prefix. May wait for the file system.</summary>
    /// <param name="open">How.</param>
    /// <param name="keptOut">What is not opened though it lies beneath.</param>
    internal PathOutcome Apply(Opener open, KeptOut keptOut)
    {
        BeneathRoot root;
        try
        {
            root = BeneathRoot.Open(Prefix, keptOut);
        }
        catch (LinuxException e)
        {
            return new PathOutcome(-e.Errno, default, FileErrors.OfPrefix(-e.Errno));
        }

        using (root)
        {
            var result = open(root, Relative, out var status);
            return new PathOutcome(result, status, result < 0 ? FileErrors.Of(result) : null);
        }
    }
}
