using System.Collections.Concurrent;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>
/// What this service may ask of others: the capabilities that its manifest names, as the supervisor keeps them in the file
/// <c>STRATA_CAPABILITIES</c>. The file is replaced before they expire; whoever calls through <see cref="For"/> need not know.
/// </summary>
public sealed class HeldCapabilities
{
    /// <summary>The variable that names the file.</summary>
    public const string Variable = "STRATA_CAPABILITIES";

    /// <summary>Largest file read, in bytes.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    private readonly string? _path;
    private readonly NodeSettings _settings;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, CapableClient> _clients = new(StringComparer.Ordinal);
    private Snapshot _snapshot = new(default, []);

    /// <summary>Looks at what the environment names; the file is read when it is needed.</summary>
    /// <param name="settings">The node, whose runtime directory holds the sockets.</param>
    /// <param name="variable">Looks an environment variable up; null when unset.</param>
    /// <param name="time">The clock.</param>
    public HeldCapabilities(NodeSettings settings, Func<string, string?> variable, TimeProvider time) =>
        (_settings, _path, _time) = (settings, variable(Variable) is { Length: > 0 } path ? path : null, time);

    /// <summary>A client of a service that sends the capability for it with every call; one and the same for each service.</summary>
    /// <param name="service">The service to call, as in the manifest's <c>capabilities</c>.</param>
    public CapableClient For(string service) =>
        _clients.GetOrAdd(service, name => new CapableClient(name, _settings.SocketOf(name), this, _time));

    /// <summary>The present token for a service; the file is read again only when it was replaced.</summary>
    /// <exception cref="RpcException">There is none; the message says what to do.</exception>
    internal string TokenFor(string service)
    {
        if (_path is null)
        {
            throw Missing(service, $"{Variable} is not set: the supervisor sets it for services whose manifest has capabilities");
        }

        try
        {
            var written = File.GetLastWriteTimeUtc(_path);
            var snapshot = Volatile.Read(ref _snapshot);
            if (written != snapshot.Written || snapshot.Tokens.Count == 0)
            {
                // Its time is taken first: a file replaced in between is read once more than needed, never once too few.
                snapshot = new Snapshot(written, Read(_path));
                Volatile.Write(ref _snapshot, snapshot);
            }

            return snapshot.Tokens.TryGetValue(service, out var token)
                ? token
                : throw Missing(service, $"the manifest names none for it; there is {(snapshot.Tokens.Count == 0 ? "none" : string.Join(", ", snapshot.Tokens.Keys))}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Missing(service, $"{_path} cannot be read: {e.Message}");
        }
    }

    private static RpcException Missing(string service, string why) =>
        new(new RpcError(ErrorCode.Unauthenticated, $"no capability for {service}: {why}") { Reason = "no_capability" });

    private static Dictionary<string, string> Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxFileBytes)
        {
            throw new IOException($"it has more than {MaxFileBytes} bytes");
        }

        // Members that a later supervisor adds are no business of ours.
        using var document = JsonDocument.Parse(file);
        return document.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetProperty("token").GetString() ?? "", StringComparer.Ordinal);
    }

    private sealed record Snapshot(DateTime Written, Dictionary<string, string> Tokens);
}
