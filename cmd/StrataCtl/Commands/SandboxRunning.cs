using System.Globalization;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>What the commands that run something in a session share.</summary>
internal static class SandboxRunning
{
    private const int InputBytes = 256 * 1024;
    private const int SignalBase = 128;
    private const int LastSignal = 64;
    private const int TimedOut = 124;
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(30);

    /// <summary>Runs a command, prints what it prints as it comes, and ends as it ended.</summary>
    public static async Task<int> ExecAsync(Session session, SandboxExecParams wish, bool hasInput, CancellationToken cancellation)
    {
        wish = hasInput ? wish with { StdinOpen = true, Id = "stdin-" + Guid.NewGuid().ToString("N") } : wish;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var call = Call.Of("sandbox.exec", wish, WireJson.Default.SandboxExecParams) with { WithToken = true, Resource = wish.Session, ExtraTime = TimeSpan.FromMilliseconds(wish.TimeoutMs) + Reserve };
        using var errors = Console.OpenStandardError();
        SandboxExecEnd? end = null;
        var isFirst = true;
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var piece = item.Get(WireJson.Default.SandboxExecItem);
            if (hasInput && isFirst)
            {
                // The first item says that it has begun, and so that it can be given input.
                isFirst = false;
                _ = Task.Factory.StartNew(() => FeedAsync(session, wish, ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                continue;
            }

            if (session.Out.Json)
            {
                session.Out.JsonLine(item.Result);
            }
            else
            {
                session.Out.Raw(piece.StdoutB64 ?? default);
                errors.Write((piece.StderrB64 ?? default).Span);
            }

            end = piece.End ?? end;
        }

        await ended.CancelAsync().ConfigureAwait(false);
        if (end is null)
        {
            throw new CallFailedException(new CallFailure("sandbox.exec", "", Ipc.RpcError.Unavailable("the stream ended before the command did"), Answered: true));
        }

        Tell(session, end);
        return end.TimedOut ? TimedOut : CodeOf(end.ExitCode, end.Signal);
    }

    /// <summary>The exit code that a shell would give.</summary>
    public static int CodeOf(int? code, string? signal) => code
        ?? (Enumerable.Range(1, LastSignal).FirstOrDefault(n => Signal.Name(n) == signal) is var number and > 0 ? SignalBase + number
            : int.TryParse(signal, CultureInfo.InvariantCulture, out var other) ? SignalBase + other : ExitCode.Refused);

    private static void Tell(Session session, SandboxExecEnd end)
    {
        if (end.TimedOut)
        {
            session.Notice($"its time of {end.DurationMs / 1000:0.0} s ran out, and it was killed; --time gives it more");
        }

        if (end.ShellRestarted)
        {
            session.Notice("the session's shell ended; a new one has its directory and exported variables");
        }
    }

    /// <summary>Gives it what standard input has, as it comes, until either ends.</summary>
    private static async Task FeedAsync(Session session, SandboxExecParams wish, CancellationToken ended)
    {
        var bytes = new byte[InputBytes];
        try
        {
            for (var count = 1; count > 0;)
            {
                count = session.Around.Stdin.Read(bytes, 0, bytes.Length);
                var piece = new SandboxStdinParams(wish.Session, wish.Id!, bytes.AsMemory(0, count), Eof: count == 0);
                var call = Call.Of("sandbox.stdin", piece, WireJson.Default.SandboxStdinParams) with { WithToken = true, Resource = wish.Session, ExtraTime = TimeSpan.FromMilliseconds(wish.TimeoutMs) + Reserve };
                await session.Node.CallAsync(call, WireJson.Default.StatusResult, ended).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended, or was interrupted.
        }
        catch (CallFailedException e)
        {
            // Who has read enough is as good as in a pipe of a shell.
            if (e.Failure.Error.Reason is not ("input_closed" or "job_not_found") && !ended.IsCancellationRequested)
            {
                session.Notice($"the rest of its input is lost: {e.Failure.Error.Message}");
            }
        }
    }
}
