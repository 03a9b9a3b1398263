using System.Globalization;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// The pipes between services and supervisor, by name in the runtime directory: a supervisor that takes over opens them again, and what was written meanwhile
/// is still in them. Safe from any thread.
/// </summary>
internal sealed class ServiceFifos : IDisposable
{
    internal const string Output = "out";
    internal const string Error = "err";
    internal const string Readiness = "ready";

    private const int DirectoryMode = 0x1C0; // 0700

    private readonly string _path;
    private readonly FileDescriptor _directory;

    internal ServiceFifos(NodeSettings settings)
    {
        _path = DirectoryOf(settings);
        _directory = PrivateDirectory.Ensure(_path, DirectoryMode);
    }

    internal static string DirectoryOf(NodeSettings settings) => settings.PipesDir;

    internal static string NameOf(string service, int incarnation, string purpose) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}.{incarnation}.{purpose}");

    /// <summary>Makes one for an instance.</summary>
    /// <exception cref="LinuxException">No descriptor is left, ...</exception>
    internal (FileDescriptor Reader, FileDescriptor Writer) Create(string name) => Fifo.Create(_directory, name);

    /// <summary>Opens one that an earlier supervisor made; null when it is gone.</summary>
    internal FileDescriptor? TryOpen(string name) => Fifo.TryOpenReader(_directory, name);

    /// <summary>Forgets one.</summary>
    internal void Remove(string name) => PlainFile.Remove(_directory, name);

    /// <summary>Removes what belongs to no instance that lives.</summary>
    internal void RemoveAllBut(IEnumerable<(string Service, int Incarnation)> living)
    {
        var kept = living.SelectMany(one => new[] { Output, Error, Readiness }.Select(purpose => NameOf(one.Service, one.Incarnation, purpose))).ToHashSet(StringComparer.Ordinal);
        foreach (var name in Directory.EnumerateFileSystemEntries(_path).Select(Path.GetFileName).OfType<string>().Where(name => !kept.Contains(name)).ToList())
        {
            Remove(name);
        }
    }

    public void Dispose() => _directory.Dispose();
}
