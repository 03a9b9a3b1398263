using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Strata.Ipc.Tests;

/// <summary>Methods whose handlers do what the tests tell them to.</summary>
internal sealed class TestMethods
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Reply<TextResult>>> _gates = new();

    /// <summary>What <c>t.feed</c> streams.</summary>
    public Channel<int> Feed { get; } = Channel.CreateUnbounded<int>();

    /// <summary>How many items <c>t.count</c> was asked for so far.</summary>
    public int Produced { get; private set; }

    /// <summary>The calls of handlers that keep them.</summary>
    public ConcurrentQueue<CallContext> Calls { get; } = new();

    /// <summary>Set when a stream's handler was left.</summary>
    public ManualResetEventSlim Left { get; } = new();

    public void Open(string gate) => Gate(gate).TrySetResult((Reply<TextResult>)new TextResult(gate));

    public void Fail(string gate, Exception with) => Gate(gate).TrySetException(with);

    public IEnumerable<Method> All() =>
    [
        Text("t.echo", (p, _) => (Reply<TextResult>)new TextResult(p.Text)),
        Text("t.wait", (p, call) => new(Gate(p.Text).Task.WaitAsync(call.Cancellation))),
        Text("t.deaf", (p, call) => Keep(call, new(Gate(p.Text).Task))),
        Text("t.throw", (p, _) => throw new InvalidOperationException($"secret {p.Text}")),
        Unwritable("t.nan", (p, _) => (Reply<RatioResult>)new RatioResult(p.Text, double.NaN)),
        Unwritable("t.nan_later", async (p, _) =>
        {
            await Task.Yield();
            return new RatioResult(p.Text, double.NaN);
        }),
        Text("t.refuse", (p, _) => (Reply<TextResult>)RpcError.NotFound(string.Concat(Enumerable.Repeat(p.Text, 4096)))),
        Text("t.guarded", (p, _) => (Reply<TextResult>)new TextResult(p.Text), Access.Right("t.guarded")),
        Text("t.thread", (_, _) => (Reply<TextResult>)new TextResult($"{Environment.CurrentManagedThreadId}"), blocking: true),
        Text("t.armed", (p, call) => (Reply<TextResult>)new TextResult($"{call.Cancellation.CanBeCanceled}")),
        new UnaryMethod<SizeParams, TextResult>("t.blob", "Answers so many characters.", Access.Open, TestJson.Default.SizeParams, TestJson.Default.TextResult,
            (p, _) => (Reply<TextResult>)new TextResult(new string('x', p.Size))),
        new UnaryMethod<EverythingParams, TextResult>("t.all", "Takes everything.", Access.Open, TestJson.Default.EverythingParams, TestJson.Default.TextResult,
            (p, _) => (Reply<TextResult>)new TextResult(p.Name)),
        new StreamMethod<NoParams, NumberItem>("t.feed", "Streams what it is fed.", Access.Open, IpcJson.Default.NoParams, TestJson.Default.NumberItem,
            (_, call) => Streaming(FedItems(call.Cancellation))),
        new StreamMethod<SizeParams, NumberItem>("t.count", "Counts.", Access.Open, TestJson.Default.SizeParams, TestJson.Default.NumberItem,
            (p, _) => Streaming(CountItems(p.Size))),
        new StreamMethod<SizeParams, TextResult>("t.grow", "Streams one small item and one of the size asked for.", Access.Open,
            TestJson.Default.SizeParams, TestJson.Default.TextResult, (p, _) => new(Reply.Ok(GrowingItems(p.Size)))),
        new StreamMethod<NoParams, NumberItem>("t.stream_throw", "Throws at once.", Access.Open, IpcJson.Default.NoParams, TestJson.Default.NumberItem,
            (_, _) => throw new InvalidOperationException("secret")),
        new StreamMethod<NoParams, NumberItem>("t.stream_refuse", "Refuses.", Access.Open, IpcJson.Default.NoParams, TestJson.Default.NumberItem,
            (_, _) => new((Reply<IAsyncEnumerable<NumberItem>>)RpcError.ResourceExhausted("full"))),
    ];

    private static UnaryMethod<TextParams, TextResult> Text(
        string name, UnaryHandler<TextParams, TextResult> handler, Access? access = null, bool blocking = false) =>
        new(name, $"Test method {name}.", access ?? Access.Open, TestJson.Default.TextParams, TestJson.Default.TextResult, handler) { Blocking = blocking };

    private static UnaryMethod<TextParams, RatioResult> Unwritable(string name, UnaryHandler<TextParams, RatioResult> handler) =>
        new(name, "Answers what JSON cannot say.", Access.Open, TestJson.Default.TextParams, TestJson.Default.RatioResult, handler);

    private static ValueTask<Reply<IAsyncEnumerable<NumberItem>>> Streaming(IAsyncEnumerable<NumberItem> items) => new(Reply.Ok(items));

    private ValueTask<Reply<TextResult>> Keep(CallContext call, ValueTask<Reply<TextResult>> reply)
    {
        Calls.Enqueue(call);
        return reply;
    }

    private async IAsyncEnumerable<NumberItem> FedItems([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var number in Feed.Reader.ReadAllAsync(cancellation))
            {
                yield return new NumberItem(number);
            }
        }
        finally
        {
            Left.Set();
        }
    }

    private async IAsyncEnumerable<NumberItem> CountItems(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            Produced = i;
            yield return new NumberItem(i);
        }

        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<TextResult> GrowingItems(int size)
    {
        yield return new TextResult("small");
        yield return new TextResult(new string('x', size));
        yield return new TextResult("after");
        await Task.CompletedTask;
    }

    private TaskCompletionSource<Reply<TextResult>> Gate(string name) =>
        _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
