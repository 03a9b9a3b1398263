using System.Text;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs.Tests;

/// <summary>A client that receives descriptors, and reads only when told to.</summary>
internal sealed class RawClient(string socket) : IDisposable
{
    private readonly FileDescriptor _socket = UnixSocket.Connect(socket);
    private readonly FrameSplitter _frames = new(IpcLimits.Default.MaxFrameBytes);

    /// <summary>Descriptors that came and nobody took.</summary>
    internal Queue<FileDescriptor> Descriptors { get; } = new();

    internal void Send(string method, string json, string? token, string id = "x")
    {
        ReadOnlySpan<byte> frame = (new RpcRequest(method) { Params = Encoding.UTF8.GetBytes(json), Token = token }).ToFrame(id);
        while (!frame.IsEmpty)
        {
            var sent = UnixSocket.TrySend(_socket.Number, frame);
            Assert.True(sent > 0 || sent == -Errno.EAGAIN, Errno.Name(sent));
            frame = frame[Math.Max(sent, 0)..];
        }
    }

    /// <summary>Receives the next frame as text.</summary>
    internal async Task<string> ReceiveAsync()
    {
        string? text = null;
        await Patience.UntilAsync(() => (text = Take()) is not null);
        return text!;
    }

    public void Dispose()
    {
        _socket.Dispose();
        while (Descriptors.TryDequeue(out var left))
        {
            left.Dispose();
        }
    }

    private string? Take()
    {
        if (_frames.TryTake(out var payload) == FrameStatus.Frame)
        {
            return Encoding.UTF8.GetString(payload);
        }

        var buffer = new byte[4096];
        Span<int> descriptors = stackalloc int[16];
        var count = DescriptorPassing.TryReceive(_socket.Number, buffer, descriptors, out var received, out var surplus);
        Assert.Equal(0, surplus);
        foreach (var number in descriptors[..received])
        {
            Descriptors.Enqueue(new FileDescriptor(number));
        }

        Assert.NotEqual(0, count);
        _frames.Append(buffer.AsSpan(0, Math.Max(count, 0)));
        return _frames.TryTake(out payload) == FrameStatus.Frame ? Encoding.UTF8.GetString(payload) : null;
    }
}
