using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// Files and directories of the built-in services that must be there before these start: confined to them, they could not
/// make them.
/// </summary>
internal static class CorePlaces
{
    private const int PrivateMode = 0x1C0; // 0700

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="IOException">Something cannot be made, or must not be trusted.</exception>
    internal static void Make(NodeSettings settings)
    {
        PrivateDirectory.Ensure(settings.AuditDir, PrivateMode).Dispose();
        PrivateDirectory.Ensure(Path.Combine(settings.StateDir, "identity"), PrivateMode).Dispose();
        PrivateDirectory.Ensure(Path.Combine(settings.StateDir, "fs"), PrivateMode).Dispose();
        var key = Path.Combine(settings.RuntimeDir, "identity.pub");
        if (FileStatus.TryGetNoFollow(key, out var status) < 0 || status.Kind != FileKind.Regular)
        {
            // Empty until identity has written its key; a link that somebody left is replaced, not followed.
            using var directory = PrivateDirectory.Ensure(settings.RuntimeDir, 0x1ED);
            OwnedFile.Replace(directory, "identity.pub", [], 0x1A4, owner: null);
        }
    }
}
