using System.Runtime.CompilerServices;
using Strata.Ipc;

namespace Strata.Hosting.Tests.Server;

/// <summary>A service of well- and ill-behaved handlers that a test controls.</summary>
internal sealed class TestMethods : IDisposable
{
    private int _waiting;
    private int _produced;

    /// <summary>Lets <c>test.wait</c> answer.</summary>
    internal TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets <c>test.hold</c> and <c>test.block</c> go on.</summary>
    internal ManualResetEventSlim Release { get; } = new();

    /// <summary>Handlers inside <c>test.wait</c>, <c>test.hold</c> or <c>test.block</c>, now or before.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Items <c>test.stream</c> has made.</summary>
    internal int Produced => Volatile.Read(ref _produced);

    internal bool StreamEnded { get; private set; }

    internal IReadOnlyList<Method> All =>
    [
        Unary("test.echo", (p, _) => Echo(p)),
        Unary("test.wait", WaitAsync),
        Unary("test.hold", (p, _) => Hold(p)),
        Unary("test.block", (p, _) => Hold(p), blocking: true),
        Unary("test.fault", (_, _) => throw new InvalidOperationException("broken handler")),
        Unary("test.fault_later", async (_, _) =>
        {
            await Task.Yield();
            throw new InvalidOperationException("broken later");
        }),
        new UnaryMethod<EchoParams, NumberResult>(
            "test.unwritable", "Answers what JSON cannot hold.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.NumberResult,
            (_, _) => (Reply<NumberResult>)new NumberResult(double.NaN)),
        new UnaryMethod<EchoParams, NumberResult>(
            "test.unwritable_later", "Answers what JSON cannot hold, later.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.NumberResult,
            async (_, _) =>
            {
                await Task.Yield();
                return new NumberResult(double.NaN);
            }),
        new StreamMethod<EchoParams, EchoResult>(
            "test.stream", "Never ends by itself.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.EchoResult,
            (p, call) => Reply.Ok(Items(p, call.Cancellation))),
    ];

    public void Dispose()
    {
        Gate.TrySetResult();
        Release.Set();
    }

    private static UnaryMethod<EchoParams, EchoResult> Unary(string name, UnaryHandler<EchoParams, EchoResult> handler, bool blocking = false) =>
        new(name, "For tests.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.EchoResult, handler) { Blocking = blocking };

    private static Reply<EchoResult> Echo(EchoParams p) => new EchoResult(string.Concat(Enumerable.Repeat(p.Text, p.Repeat)));

    private async ValueTask<Reply<EchoResult>> WaitAsync(EchoParams p, CallContext call)
    {
        Interlocked.Increment(ref _waiting);
        await Gate.Task;
        return Echo(p);
    }

    private Reply<EchoResult> Hold(EchoParams p)
    {
        Interlocked.Increment(ref _waiting);
        Release.Wait();
        return Echo(p);
    }

    private async IAsyncEnumerable<EchoResult> Items(EchoParams p, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _produced);
                yield return Echo(p).Value!;
                await Task.Yield();
            }
        }
        finally
        {
            StreamEnded = true;
        }
    }
}
