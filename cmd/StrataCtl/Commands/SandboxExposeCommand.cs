using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>
/// <c>sandbox expose</c>: listens here on loopback and carries each connection to a port inside. The service only hands over connections that are made, so
/// that nothing is exposed any more once this program has ended.
/// </summary>
internal static class SandboxExposeCommand
{
    /// <summary>Connections carried at once; further ones wait.</summary>
    public const int MaxConnections = 256;

    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var port = new Argument<int>("PORT") { Description = "Port that a program inside listens on", HelpName = "PORT" };
        var listen = new Option<string?>("--listen") { Description = "Address and port to listen on here, of loopback [default: 127.0.0.1 and the same port; port 0 takes a free one]", HelpName = "ADDRESS:PORT" };
        return cli.Command(
            "expose", "Makes a port inside reachable on this machine until it is interrupted.", [name, port, listen],
            ["strata-ctl sandbox expose work 8000", "strata-ctl sandbox expose work 8000 --listen 127.0.0.1:0"],
            (session, parsed, cancellation) => RunAsync(session, new SandboxConnectParams(parsed.GetRequiredValue(name), PortOf(parsed.GetRequiredValue(port))), parsed.GetValue(listen), cancellation));
    }

    private static async Task<int> RunAsync(Session session, SandboxConnectParams wish, string? listen, CancellationToken cancellation)
    {
        var place = listen is null ? new IPEndPoint(IPAddress.Loopback, wish.Port) : Read(listen);
        await TryAsync(session, wish, cancellation).ConfigureAwait(false);
        using var listener = Listen(place);
        session.Out.Line(string.Create(CultureInfo.InvariantCulture, $"{listener.LocalEndPoint} leads to port {wish.Port} of {wish.Session}; interrupt to end that"));
        using var places = new SemaphoreSlim(MaxConnections);
        while (true)
        {
            try
            {
                await places.WaitAsync(cancellation).ConfigureAwait(false);
                var client = await listener.AcceptAsync(cancellation).ConfigureAwait(false);
                _ = CarryAsync(session, wish, client, cancellation).ContinueWith(_ => places.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Ok;
            }
        }
    }

    /// <summary>Who may not, or names no session of theirs, is told at once, not those who connect later. A server may well come later.</summary>
    private static async Task TryAsync(Session session, SandboxConnectParams wish, CancellationToken cancellation)
    {
        try
        {
            using var made = await session.Node.TakeDescriptorAsync(CallOf(wish), cancellation).ConfigureAwait(false);
        }
        catch (CallFailedException e) when (e.Failure.Error.Reason == "port_refused")
        {
            session.Notice($"nothing listens on port {wish.Port} of {wish.Session} yet; connections are refused until something does");
        }
    }

    private static Call CallOf(SandboxConnectParams wish) => Call.Of("sandbox.connect", wish, WireJson.Default.SandboxConnectParams) with { WithToken = true, Resource = wish.Session };

    private static async Task CarryAsync(Session session, SandboxConnectParams wish, Socket client, CancellationToken cancellation)
    {
        using var here = new NetworkStream(client, ownsSocket: true);
        try
        {
            if (await session.Node.TakeDescriptorAsync(CallOf(wish), cancellation).ConfigureAwait(false) is { } descriptor)
            {
                await BothWaysAsync(here, descriptor, cancellation).ConfigureAwait(false);
            }
        }
        catch (CallFailedException e)
        {
            session.Notice(e.Failure.Error.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has left.
        }
    }

    private static async Task BothWaysAsync(NetworkStream here, FileDescriptor descriptor, CancellationToken cancellation)
    {
        using var inside = new NetworkStream(new Socket(new SafeSocketHandle(descriptor.Release(), ownsHandle: true)), ownsSocket: true);
        await Task.WhenAll(OneWayAsync(here, inside, cancellation), OneWayAsync(inside, here, cancellation)).ConfigureAwait(false);
    }

    private static async Task OneWayAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        try
        {
            await from.CopyToAsync(to, cancellation).ConfigureAwait(false);
            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction has nobody to speak to either.
            from.Close();
            to.Close();
            throw;
        }
    }

    private static Socket Listen(IPEndPoint place)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(place);
            socket.Listen();
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new UsageException($"cannot listen on {place}: {e.Message}; choose another with --listen");
        }
    }

    // Whoever wants it reachable from other machines puts something before it that says who may.
    private static IPEndPoint Read(string text) => IPEndPoint.TryParse(text, out var place) && text.Contains(':', StringComparison.Ordinal) && IPAddress.IsLoopback(place.Address)
        ? place
        : throw new UsageException($"--listen takes an address of loopback and a port, such as 127.0.0.1:8000, not {text}");

    private static int PortOf(int port) => port is > 0 and <= ushort.MaxValue ? port : throw new UsageException($"a port is from 1 to 65535, not {port}");
}
