using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>A registry that does what no good one would, on loopback.</summary>
internal sealed class FakeRegistry : IDisposable
{
    private readonly HttpListener _listener;

    public FakeRegistry()
    {
        // The port is free for a moment only; another is tried when somebody was faster.
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Host = $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            _listener = new HttpListener();
            _listener.Prefixes.Add($"http://{Host}/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
                _listener.Close();
            }
        }

        _ = ServeAsync();
    }

    public string Host { get; }

    public OciLayoutMaker Layout { get; } = new();

    public Digest Manifest { get; set; }

    /// <summary>What was asked for: path, range, authorization.</summary>
    public ConcurrentQueue<(string Path, string? Range, string? Authorization)> Asked { get; } = new();

    /// <summary>Answers before all else; true when it did.</summary>
    public Func<HttpListenerContext, bool> Before { get; set; } = _ => false;

    public bool KnowsRanges { get; set; } = true;

    public static void Answer(HttpListenerContext call, int status, byte[] content)
    {
        call.Response.StatusCode = status;
        call.Response.ContentLength64 = content.Length;
        call.Response.Close(content, willBlock: true);
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                _ = Task.Run(() => Serve(call));
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private void Serve(HttpListenerContext call)
    {
        Asked.Enqueue((call.Request.Url!.PathAndQuery, call.Request.Headers["Range"], call.Request.Headers["Authorization"]));
        try
        {
            if (!Before(call))
            {
                Blob(call);
            }
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
        }
    }

    private void Blob(HttpListenerContext call)
    {
        var name = call.Request.Url!.Segments[^1];
        if (!Layout.Blobs.TryGetValue(name.StartsWith("sha256:", StringComparison.Ordinal) ? name[7..] : Manifest.Hex, out var content))
        {
            Answer(call, 404, Encoding.ASCII.GetBytes("{}"));
            return;
        }

        if (KnowsRanges && call.Request.Headers["Range"] is { } range)
        {
            var from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            call.Response.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
            Answer(call, 206, content[from..]);
            return;
        }

        Answer(call, 200, content);
    }
}
