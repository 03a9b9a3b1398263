using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>Services that answer what a test says, over real Unix sockets in a directory of their own.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, Func<FakeRequest, FakeAnswer>> _methods = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Task> _tasks = [];

    public FakeNode(params string[] services)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("sctl-").FullName;
        foreach (var service in services)
        {
            Listen(service);
        }

        On("registry.resolve", request => File.Exists(SocketOf(request.Text("service")))
            ? FakeAnswer.Result($$"""{"endpoint":"unix://{{SocketOf(request.Text("service"))}}","api_v":1}""")
            : FakeAnswer.Error(4, "NOT_FOUND", "not registered"));
    }

    /// <summary>The runtime directory.</summary>
    public string Directory { get; }

    /// <summary>Every request received, in order.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public FakeRequest Only(string method) => Assert.Single(Requests, r => r.Method == method);

    public string SocketOf(string service) => Path.Join(Directory, $"{service}.sock");

    /// <summary>What a method answers so far.</summary>
    public Func<FakeRequest, FakeAnswer> Answer(string method) => _methods[method];

    public FakeNode On(string method, Func<FakeRequest, FakeAnswer> answer)
    {
        _methods[method] = answer;
        return this;
    }

    public FakeNode On(string method, string result) => On(method, _ => FakeAnswer.Result(result));

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Listen(string service)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketOf(service)));
        listener.Listen(64);
        _tasks.Add(Task.Run(async () =>
        {
            using (listener)
            {
                while (true)
                {
                    var socket = await listener.AcceptAsync(_closing.Token);
                    _tasks.Add(Task.Run(() => ServeAsync(socket)));
                }
            }
        }));
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var header = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(header, _closing.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
            await stream.ReadExactlyAsync(payload, _closing.Token);
            var request = new FakeRequest(JsonSerializer.Deserialize<JsonElement>(payload));
            Requests.Enqueue(request);
            await AnswerAsync(stream, request);
        }
    }

    private async Task AnswerAsync(NetworkStream stream, FakeRequest request)
    {
        var answer = _methods.TryGetValue(request.Method, out var method)
            ? method(request)
            : FakeAnswer.Error(1, "INVALID_ARGUMENT", $"unknown method: {request.Method}");
        for (var i = 0; i < answer.Bodies.Length; i++)
        {
            var continues = answer.StaysOpen || i < answer.Bodies.Length - 1 ? ",\"continues\":true" : "";
            var text = $"{{\"v\":1,\"req_id\":\"{request.ReqId}\",\"ok\":{(answer.Ok ? "true" : "false")}{continues},{answer.Bodies[i]}}}";
            var frame = new byte[4 + Encoding.UTF8.GetByteCount(text)];
            BinaryPrimitives.WriteInt32BigEndian(frame, Encoding.UTF8.GetBytes(text, frame.AsSpan(4)));
            await stream.WriteAsync(frame, _closing.Token);
        }
    }
}
