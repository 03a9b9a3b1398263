using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Strata.Ipc.Tests;

/// <summary>Drives one <see cref="ServerSession"/> by hand: the test thread is its loop, and its socket.</summary>
internal sealed class SessionDriver : ISessionHost, IDisposable
{
    /// <summary>How long a test waits for something that must come; reached only when it fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Queue<ILoopWork> _posted = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly List<byte> _sent = [];

    public SessionDriver(IEnumerable<Method>? methods = null, IpcLimits? limits = null, IAuthorizer? authorizer = null)
    {
        Limits = limits ?? IpcLimits.Default;
        Writer = new ResponseWriter(Limits);
        Methods = new MethodTable("t", methods ?? []);
        Session = new ServerSession(Methods, authorizer ?? OpenMethodsOnly.Instance, Limits, new Peer(1, 1000, 1000), this);
    }

    public IpcLimits Limits { get; }

    public MethodTable Methods { get; }

    public ServerSession Session { get; }

    public ManualTime Clock { get; } = new();

    public TimeProvider Time => Clock;

    public ResponseWriter Writer { get; }

    public HeldBytesBudget? Budget { get; init; }

    public List<Exception> Faults { get; } = [];

    public List<(string? Method, RpcError? Error)> Outcomes { get; } = [];

    public void Post(ServerSession session, ILoopWork work)
    {
        lock (_lock)
        {
            _posted.Enqueue(work);
        }

        _work.Release();
    }

    public void HandlerFaulted(CallContext call, Exception exception) => Faults.Add(exception);

    public void Answered(CallContext? call, RpcError? error) => Outcomes.Add((call?.Method.Name, error));

    public void Receive(string json) => Session.Receive(Frame(json));

    /// <summary>Sends one request and returns its one answer.</summary>
    public JsonElement Call(string json)
    {
        Receive(json);
        return Next();
    }

    /// <summary>Calls a method with the params given as JSON.</summary>
    public JsonElement Call(string method, string parameters, string id = "1") =>
        Call($$"""{"v":1,"req_id":"{{id}}","method":"{{method}}","params":{{parameters}}}""");

    /// <summary>The next response; waits for handlers that run elsewhere.</summary>
    public JsonElement Next() => TryTakeFrame() is { } frame ? Parse(frame) : WaitForNext();

    /// <summary>Runs one piece of posted work, waiting for it if need be.</summary>
    public void RunOne()
    {
        Assert.True(_work.Wait(Patience), "no handler ended");
        ILoopWork work;
        lock (_lock)
        {
            work = _posted.Dequeue();
        }

        work.Run();
    }

    /// <summary>Waits until some work is posted, and leaves it there.</summary>
    public void WaitForWork()
    {
        Assert.True(_work.Wait(Patience), "no handler ended");
        _work.Release();
    }

    /// <summary>Runs whatever is posted already.</summary>
    public void RunPosted()
    {
        while (_work.CurrentCount > 0)
        {
            RunOne();
        }
    }

    /// <summary>Runs work until the condition holds.</summary>
    public void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            RunOne();
        }
    }

    /// <summary>Asserts that nothing is to be sent.</summary>
    public void AssertSilent()
    {
        RunPosted();
        Flush();
        Assert.Empty(_sent);
    }

    /// <summary>Takes what is to be sent, at most so many bytes.</summary>
    public int Flush(int most = int.MaxValue)
    {
        var count = Math.Min(most, Session.Output.Length);
        if (count > 0)
        {
            _sent.AddRange(Session.Output.Unsent.Span[..count]);
            Session.Sent(count);
        }

        return count;
    }

    /// <summary>Every response that is ready now.</summary>
    public List<JsonElement> Ready()
    {
        RunPosted();
        var all = new List<JsonElement>();
        while (TryTakeFrame() is { } frame)
        {
            all.Add(Parse(frame));
        }

        return all;
    }

    public string? Overdue() => Session.Overdue(Clock.GetTimestamp(), out _);

    public void Dispose()
    {
        Session.Abort();
        Writer.Dispose();
    }

    public static byte[] Frame(string json) => Frame(Encoding.UTF8.GetBytes(json));

    public static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[4 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        payload.CopyTo(frame.AsSpan(4));
        return frame;
    }

    private JsonElement WaitForNext()
    {
        byte[]? frame;
        while ((frame = TryTakeFrame()) is null)
        {
            RunOne();
        }

        return Parse(frame);
    }

    private byte[]? TryTakeFrame()
    {
        while (Flush() > 0)
        {
        }

        if (_sent.Count < 4)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_sent.GetRange(0, 4).ToArray());
        Assert.InRange(length, 1, Limits.MaxFrameBytes);
        if (_sent.Count < 4 + length)
        {
            return null;
        }

        var payload = _sent.GetRange(4, length).ToArray();
        _sent.RemoveRange(0, 4 + length);
        return payload;
    }

    private static JsonElement Parse(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement.Clone();
        Assert.Equal(1, root.GetProperty("v").GetInt32());
        Assert.Equal(root.GetProperty("ok").GetBoolean(), root.TryGetProperty("result", out _));
        Assert.NotEqual(root.GetProperty("ok").GetBoolean(), root.TryGetProperty("error", out _));
        return root;
    }
}
