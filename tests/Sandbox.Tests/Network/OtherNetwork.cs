using System.Net;
using System.Net.Sockets;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>A network namespace with nothing but its own loopback, kept by a process. Takes root, or user namespaces for everybody.</summary>
internal sealed class OtherNetwork : IAsyncDisposable
{
    private readonly ScriptRun _run;

    private OtherNetwork(ScriptRun run, SpawnThread thread, NamespaceKinds kinds) => (_run, Thread, Kinds) = (run, thread, kinds);

    internal SpawnThread Thread { get; }

    internal NamespaceKinds Kinds { get; }

    internal FileDescriptor Process => _run.Process.Handle;

    /// <summary>The process that keeps it.</summary>
    internal int Pid => _run.Process.Pid;

    internal static async Task<OtherNetwork> MakeAsync()
    {
        var thread = new SpawnThread();
        var (mine, theirs) = UnixSocket.Pair();
        using (mine)
        using (theirs)
        {
            using var gate = Pipe.Create(nonBlockingReader: false);
            bool isRoot = UserId.Effective == 0;
            var script = new CallScript();
            script.EndWithParent();
            if (!isRoot)
            {
                script.Unshare(NamespaceKinds.Users);
                script.Tell(CallScript.FirstDescriptor);
                script.Await(CallScript.FirstDescriptor + 1);
                script.BecomeUser(0);
                script.EndWithParent();
            }

            script.Unshare(NamespaceKinds.Network);
            script.Duplicate(CallScript.FirstDescriptor, 1, kept: true);
            script.Execute(["/bin/sh"], ["sh", "-c", "ip link set lo up && echo up && exec sleep 86400"], ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]);
            var run = await ScriptRun.StartAsync(thread, script, default, [theirs.Number, gate.Reader.Number]);
            var network = new OtherNetwork(run, thread, NamespaceKinds.Network | (isRoot ? 0 : NamespaceKinds.Users));
            if (!isRoot)
            {
                await Patience.UntilAsync(() => UnixSocket.TryReceive(mine.Number, new byte[8]) == 1);
                UserNamespace.Map(run.Process.Pid, UserId.Effective, 1);
                _ = Descriptors.TryWrite(gate.Writer.Number, [1]);
            }

            await Patience.UntilAsync(() => UnixSocket.TryReceive(mine.Number, new byte[8]) == 3);
            return network;
        }
    }

    /// <summary>Listens on a port inside.</summary>
    internal async Task<Socket> ListenAsync(int port) => NamespaceSocket.Listen(await NamespaceSocket.MakeAsync(Thread, Process, Kinds), port);

    /// <summary>A connection from inside to a port inside.</summary>
    internal async Task<NetworkStream> ConnectAsync(int port)
    {
        var socket = await NamespaceSocket.MakeAsync(Thread, Process, Kinds);
        await socket.ConnectAsync(IPAddress.Loopback, port).Soon();
        return new NetworkStream(socket, ownsSocket: true);
    }

    public ValueTask DisposeAsync()
    {
        _ = _run.Process.TrySignal(Signal.SIGKILL);
        _ = _run.Process.ReapAtEnd(out _);
        _run.Dispose();
        Thread.Dispose();
        return ValueTask.CompletedTask;
    }
}
