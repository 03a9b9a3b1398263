using System.Net.Sockets;
using System.Text;

namespace Strata.Supervisor.Tests;

/// <summary>The service manager's end of sd_notify, with every message as it was sent.</summary>
internal sealed class UpwardSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _heard = [];

    internal UpwardSocket(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        Variable = $"NOTIFY_SOCKET={path}";
    }

    /// <summary>What a supervisor is to be given.</summary>
    internal string Variable { get; }

    /// <summary>All messages so far.</summary>
    internal IReadOnlyList<string> Heard => _heard;

    /// <summary>Waits for a message with this line, or one that begins so; the lines of that message.</summary>
    internal async Task<string[]> AwaitAsync(string wanted)
    {
        using var late = new CancellationTokenSource(TestNode.Deadline);
        var buffer = new byte[4096];
        while (true)
        {
            int count;
            try
            {
                count = await _socket.ReceiveAsync(buffer, late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{wanted} did not come, but:\n{string.Join("\n--\n", _heard)}");
            }

            var message = Encoding.UTF8.GetString(buffer, 0, count);
            _heard.Add(message);
            if (message.Split('\n') is var lines && lines.Any(line => line.StartsWith(wanted, StringComparison.Ordinal)))
            {
                return lines;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
