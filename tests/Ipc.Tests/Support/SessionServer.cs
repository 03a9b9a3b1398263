using System.Threading.Channels;

namespace Strata.Ipc.Tests;

/// <summary>Runs one session over a stream: the smallest loop that keeps the session's rules.</summary>
internal sealed class SessionServer : ISessionHost, IAsyncDisposable
{
    private readonly Channel<ILoopWork> _posted = Channel.CreateUnbounded<ILoopWork>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Stream _stream;
    private readonly Task _running;

    public SessionServer(Stream stream, IEnumerable<Method> methods, IpcLimits? limits = null)
    {
        _stream = stream;
        Writer = new ResponseWriter(limits ?? IpcLimits.Default);
        Session = new ServerSession(new MethodTable("t", methods), OpenMethodsOnly.Instance, limits ?? IpcLimits.Default, default, this);
        _running = Task.Run(RunAsync);
    }

    public ServerSession Session { get; }

    public TimeProvider Time => TimeProvider.System;

    public ResponseWriter Writer { get; }

    public void Post(ServerSession session, ILoopWork work) => _posted.Writer.TryWrite(work);

    /// <summary>Whether the end of the input is not the end of the calls in progress.</summary>
    public bool AnswersAfterEnd { get; init; }

    /// <summary>Runs an action on the loop.</summary>
    public void OnLoop(Action action) => _posted.Writer.TryWrite(new Work(action));

    public void HandlerFaulted(CallContext call, Exception exception)
    {
    }

    public void Answered(CallContext? call, RpcError? error)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _stream.DisposeAsync();
        await _running;
        _stopping.Dispose();
        Writer.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await LoopAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }

        Session.Abort();
        await _stream.DisposeAsync();
    }

    private async Task LoopAsync()
    {
        var buffer = new byte[4096];
        Task<int>? reading = null;
        Task<bool>? working = null;
        while (!Session.IsFinished)
        {
            reading ??= Session.WantsInput ? _stream.ReadAsync(buffer, _stopping.Token).AsTask() : null;
            working ??= _posted.Reader.WaitToReadAsync(_stopping.Token).AsTask();
            await Task.WhenAny(reading is null ? [working] : [reading, working]);
            if (reading is { IsCompleted: true })
            {
                var count = await reading;
                reading = null;
                if (count == 0 && !AnswersAfterEnd)
                {
                    return;
                }

                if (count == 0)
                {
                    Session.EndInput();
                }

                Session.Receive(buffer.AsSpan(0, count));
            }

            if (working.IsCompleted)
            {
                await working;
                working = null;
                while (_posted.Reader.TryRead(out var work))
                {
                    work.Run();
                }
            }

            while (Session.Output.Length > 0)
            {
                var unsent = Session.Output.Unsent;
                await _stream.WriteAsync(unsent, _stopping.Token);
                Session.Sent(unsent.Length);
            }
        }
    }

    private sealed class Work(Action action) : ILoopWork
    {
        public void Run() => action();
    }
}
