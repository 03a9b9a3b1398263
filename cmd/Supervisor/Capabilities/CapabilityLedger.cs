using System.Globalization;
using System.Text;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// Which capabilities were handed to whom, by id, in the state directory: so that they are revoked also when the supervisor
/// or identity is not there at the moment the service ends. Never holds a token.
/// </summary>
internal sealed class CapabilityLedger(NodeSettings settings)
{
    /// <summary>Bytes of an entry that are read.</summary>
    internal const int MaxEntryBytes = 64 * 1024;

    private const int DirectoryMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    private readonly string _path = Path.Combine(settings.StateDir, "capabilities");

    /// <summary>Notes what an instance holds, in place of what was noted before.</summary>
    /// <exception cref="IOException">It cannot be written; nothing must be handed out then.</exception>
    internal void Write(string service, int incarnation, IEnumerable<IssuedId> ids)
    {
        using var directory = PrivateDirectory.Ensure(_path, DirectoryMode);
        var text = string.Concat(ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"{id.CapabilityId} {id.Expires}\n")));
        OwnedFile.Replace(directory, NameOf(service, incarnation), Encoding.ASCII.GetBytes(text), FileMode, owner: null);
    }

    /// <summary>Everything noted.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal List<Entry> Read() => Directory.Exists(_path)
        ? [.. Directory.EnumerateFiles(_path).Where(file => Path.GetFileName(file)[0] != '.').Order(StringComparer.Ordinal).Select(ReadOne)]
        : [];

    /// <summary>Forgets what an instance held.</summary>
    internal void Remove(Entry entry) => File.Delete(Path.Combine(_path, entry.Name));

    /// <summary>The name of an instance's entry.</summary>
    internal static string NameOf(string service, int incarnation) => string.Create(CultureInfo.InvariantCulture, $"{service}.{incarnation}");

    private static Entry ReadOne(string file)
    {
        using var stream = File.OpenRead(file);
        var buffer = new byte[MaxEntryBytes];
        var text = Encoding.ASCII.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        return new Entry(Path.GetFileName(file), [.. text.Split('\n').Select(Parse).OfType<IssuedId>()]);
    }

    private static IssuedId? Parse(string line) =>
        line.Split(' ') is [{ Length: > 0 } id, var expires] && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? new IssuedId(id, seconds) : null;

    /// <summary>What one instance of a service holds or held.</summary>
    /// <param name="Name">See <see cref="NameOf"/>.</param>
    /// <param name="Ids">The capabilities.</param>
    internal sealed record Entry(string Name, IReadOnlyList<IssuedId> Ids);
}
