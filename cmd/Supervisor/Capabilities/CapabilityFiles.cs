using System.Globalization;
using System.Text.Json;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// The files that services find their capabilities in: <c>capabilities/SERVICE/INCARNATION.json</c> of the runtime directory,
/// mode 0400, the service's user's own. A directory for each service, so that its confinement can name it: a file is replaced.
/// </summary>
internal sealed class CapabilityFiles(NodeSettings settings)
{
    private const int DirectoryMode = 0x1C9; // 0711: others pass through by name; only the owner lists, and only the node changes.
    private const int FileMode = 0x100; // 0400

    private readonly string _root = settings.CapabilitiesDir;

    /// <summary>Removes what an earlier supervisor left and whose holder has ended.</summary>
    /// <param name="kept">Files of those who live.</param>
    /// <exception cref="IOException">It cannot be removed.</exception>
    internal void Clear(IReadOnlySet<string> kept)
    {
        if (!Directory.Exists(_root))
        {
            return;
        }

        if (kept.Count == 0)
        {
            Directory.Delete(_root, recursive: true);
            return;
        }

        foreach (var path in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Where(path => !kept.Contains(path)).ToList())
        {
            File.Delete(path);
        }
    }

    /// <summary>The directory of a service's files.</summary>
    internal string DirectoryOf(string service) => Path.Combine(_root, service);

    /// <summary>The file of an instance.</summary>
    internal string PathOf(string service, int incarnation) => Path.Combine(DirectoryOf(service), NameOf(incarnation));

    /// <summary>Puts an instance's capabilities in place of those it had.</summary>
    /// <exception cref="IOException">The old ones are still there.</exception>
    internal void Write(string service, int incarnation, IReadOnlyDictionary<string, HeldToken> tokens, ProcessUser? owner)
    {
        PrivateDirectory.Ensure(_root, DirectoryMode).Dispose();
        using var directory = PrivateDirectory.Ensure(DirectoryOf(service), DirectoryMode);
        var content = JsonSerializer.SerializeToUtf8Bytes(tokens, ContractsJson.Default.IReadOnlyDictionaryStringHeldToken);
        OwnedFile.Replace(directory, NameOf(incarnation), content, FileMode, owner);
    }

    /// <summary>Takes an instance's file away.</summary>
    internal void Remove(string service, int incarnation)
    {
        try
        {
            File.Delete(PathOf(service, incarnation));
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody removed all of it; then it is gone.
        }
    }

    private static string NameOf(int incarnation) => string.Create(CultureInfo.InvariantCulture, $"{incarnation}.json");
}
