using System.Globalization;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>What the commands that run something in a session share.</summary>
internal static class SandboxRunning
{
    private const int MaxInputBytes = 512 * 1024;
    private const int SignalBase = 128;
    private const int LastSignal = 64;
    private const int TimedOut = 124;
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(30);

    /// <summary>Runs a command, prints what it prints as it comes, and ends as it ended.</summary>
    public static async Task<int> ExecAsync(Session session, SandboxExecParams wish, bool hasInput, CancellationToken cancellation)
    {
        wish = wish with { StdinB64 = hasInput ? ReadInput(session) : null };
        var call = Call.Of("sandbox.exec", wish, WireJson.Default.SandboxExecParams) with { WithToken = true, Resource = wish.Session, ExtraTime = TimeSpan.FromMilliseconds(wish.TimeoutMs) + Reserve };
        using var errors = Console.OpenStandardError();
        SandboxExecEnd? end = null;
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var piece = item.Get(WireJson.Default.SandboxExecItem);
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

    private static ReadOnlyMemory<byte> ReadInput(Session session)
    {
        var bytes = new byte[MaxInputBytes + 1];
        var count = session.Around.Stdin.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count <= MaxInputBytes ? bytes.AsMemory(0, count) : throw new UsageException($"a command takes at most {MaxInputBytes} bytes of input; write it to a file in the session first");
    }
}
