using System.Net;
using System.Net.Sockets;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Sockets of another network namespace. A process goes there, makes one and passes it back; where a socket was made is where it stays, so that the
/// service, without ever leaving its own namespace, listens or connects within the other one.
/// </summary>
internal static class NamespaceSocket
{
    private const int Backlog = 128;
    private const int ToService = CallScript.FirstDescriptor;
    private const int Process = ToService + 1;
    private const int Free = 3;
    private const int InternetFamily = 2;
    private const int StreamType = 1;

    /// <summary>The type of a socket for messages without a transport's own head.</summary>
    internal const int RawType = 3;

    /// <summary>An unconnected TCP socket, non-blocking.</summary>
    /// <param name="thread">Where the process is started from.</param>
    /// <param name="process">A pidfd of a process in the namespace.</param>
    /// <param name="kinds">The network, and with it the users that it belongs to unless they are the service's own.</param>
    /// <exception cref="SandboxException">It cannot be had.</exception>
    internal static async Task<Socket> MakeAsync(SpawnThread thread, FileDescriptor process, NamespaceKinds kinds) =>
        new(new SafeSocketHandle((await MakeAsync(thread, process, kinds, InternetFamily, StreamType, 0).ConfigureAwait(false)).Release(), ownsHandle: true));

    /// <summary>A socket of any kind.</summary>
    internal static async Task<FileDescriptor> MakeAsync(SpawnThread thread, FileDescriptor process, NamespaceKinds kinds, int family, int type, int protocol)
    {
        var (mine, theirs) = UnixSocket.Pair();
        using (mine)
        using (theirs)
        {
            using var run = await ScriptRun.StartAsync(thread, Script(kinds, family, type, protocol), default, [theirs.Number, process.Number]).ConfigureAwait(false);
            theirs.Dispose();
            // It makes a handful of calls, none of which waits for anybody.
            await Task.Run(() => run.Process.ReapAtEnd(out _)).ConfigureAwait(false);
            if (Take(mine) is { } socket)
            {
                return socket;
            }

            string why = run.TryRead(out string call, out int result) == 1 ? $"{call}: {Errno.Name(-result)}" : "its process was killed";
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"the sandbox's network cannot be entered ({why}); it may just have ended");
        }
    }

    /// <summary>Has a socket listen on loopback.</summary>
    internal static Socket Listen(Socket socket, int port)
    {
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Has a socket connect on loopback.</summary>
    internal static async Task<Socket> ConnectAsync(Socket socket, int port, CancellationToken cancellation)
    {
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static FileDescriptor? Take(FileDescriptor mine)
    {
        Span<int> taken = [-1];
        return DescriptorPassing.TryReceive(mine.Number, stackalloc byte[1], taken, out int count, out _) == 1 && count == 1
            ? new FileDescriptor(taken[0])
            : null;
    }

    private static CallScript Script(NamespaceKinds kinds, int family, int type, int protocol)
    {
        var script = new CallScript();
        script.ForbidDumps();
        script.EndWithParent();
        script.Enter(Process, kinds);
        script.MakeSocket(Free, family, type, protocol);
        script.Pass(ToService, Free);
        script.End();
        return script;
    }
}
