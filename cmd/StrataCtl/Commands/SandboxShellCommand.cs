using System.CommandLine;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox shell</c> and <c>sandbox logs</c>: a terminal of a session in this one, and the output of a background command.</summary>
internal static class SandboxShellCommand
{
    private const byte LeaveKey = 0x1d; // Ctrl-]
    private const int Input = 0;
    private const int Output = 1;
    private const int KeyBytes = 16 * 1024;
    private const int MaxKeysWaiting = 64; // of KeyBytes at most
    private static readonly byte[] Bell = [0x07];

    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var id = new Option<string?>("--id") { Description = "A terminal that is there, or the name of a new one", HelpName = "ID" };
        return cli.Command(
            "shell", "Opens a terminal in a session, or shows one that is there. Ctrl-] leaves it as it is.", [name, id],
            ["strata-ctl sandbox shell work", "strata-ctl sandbox shell work --id editor"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(name), parsed.GetValue(id), cancellation));
    }

    public static Command CreateLogs(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var id = new Argument<string>("ID") { Description = "Id of a background command or terminal", HelpName = "ID" };
        var offset = new Option<long>("--offset") { Description = "Where in its output to begin", HelpName = "BYTES" };
        return cli.Command(
            "logs", "Shows the output of a background command, and what comes, to its end.", [name, id, offset], ["strata-ctl sandbox logs work job-1"],
            (session, parsed, cancellation) => LogsAsync(session, new SandboxAttachParams(parsed.GetRequiredValue(name), parsed.GetRequiredValue(id), parsed.GetValue(offset)), cancellation));
    }

    private static async Task<int> LogsAsync(Session session, SandboxAttachParams wish, CancellationToken cancellation)
    {
        using var errors = Console.OpenStandardError();
        var call = Call.Of("sandbox.attach", wish, WireJson.Default.SandboxAttachParams) with { WithToken = true, Resource = wish.Session };
        var last = await ShowAsync(session, call, errors, _ => { }, cancellation).ConfigureAwait(false);
        return last is null ? ExitCode.Ok : SandboxRunning.CodeOf(last.ExitCode, last.Signal);
    }

    private static async Task<int> RunAsync(Session session, string name, string? id, CancellationToken cancellation)
    {
        using var raw = RawTerminal.TryTake(Input) ?? throw new UsageException("standard input is no terminal; sandbox exec runs commands without one");
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => raw.Dispose());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => raw.Dispose());
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (rows, columns) = RawTerminal.SizeOf(Output) ?? (24, 80);
        var wish = new SandboxShellParams(name, id, rows, columns, Term: session.Around.NonEmpty("TERM") ?? "xterm-256color");
        var call = Call.Of("sandbox.shell", wish, WireJson.Default.SandboxShellParams) with { WithToken = true, Resource = name };
        using var errors = Console.OpenStandardError();
        PosixSignalRegistration? resized = null;
        SandboxOutputItem? last = null;
        var known = "";
        try
        {
            last = await ShowAsync(session, call, errors, first =>
            {
                known = first;
                // The terminal is raw: it takes the carriage back when it is told so.
                session.Around.Stderr.Write($"strata-ctl: Ctrl-] leaves this terminal as it is\r\n");
                session.Around.Stderr.Flush();
                resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => ResizeAsync(session, name, first));
                _ = Task.Factory.StartNew(() => TypeAsync(session, name, first, leaving), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }, leaving.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            resized?.Dispose();
            raw.Dispose();
        }

        if (last is null)
        {
            session.Notice($"left; strata-ctl sandbox shell {name} --id {known} shows it again");
            return ExitCode.Ok;
        }

        return SandboxRunning.CodeOf(last.ExitCode, last.Signal);
    }

    /// <summary>Shows what comes until the end; the last item, or null when it was left.</summary>
    private static async Task<SandboxOutputItem?> ShowAsync(Session session, Call call, Stream errors, Action<string> begun, CancellationToken cancellation)
    {
        var isFirst = true;
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var piece = item.Get(WireJson.Default.SandboxOutputItem);
            if (isFirst)
            {
                isFirst = false;
                begun(piece.Id);
            }

            if (piece.Lost > 0)
            {
                session.Notice($"{piece.Lost} bytes before this are lost");
            }

            session.Out.Raw(piece.StdoutB64 ?? default);
            errors.Write((piece.StderrB64 ?? default).Span);
            if (piece.Ended)
            {
                return piece;
            }
        }

        return null;
    }

    /// <summary>Takes keys for as long as it is shown: whether or not anybody reads what is typed, the key to leave leaves.</summary>
    private static async Task TypeAsync(Session session, string name, string id, CancellationTokenSource leaving)
    {
        var typed = Channel.CreateBounded<byte[]>(MaxKeysWaiting);
        _ = SendKeysAsync(session, name, id, typed.Reader, leaving.Token);
        var keys = new byte[KeyBytes];
        var left = -1;
        for (int count; left < 0 && (count = session.Around.Stdin.Read(keys, 0, keys.Length)) > 0;)
        {
            left = keys.AsSpan(0, count).IndexOf(LeaveKey);
            if (left != 0 && !typed.Writer.TryWrite(keys[..(left < 0 ? count : left)]))
            {
                session.Out.Raw(Bell);
            }
        }

        await leaving.CancelAsync().ConfigureAwait(false);
    }

    private static async Task SendKeysAsync(Session session, string name, string id, ChannelReader<byte[]> typed, CancellationToken leaving)
    {
        try
        {
            await foreach (var keys in typed.ReadAllAsync(leaving).ConfigureAwait(false))
            {
                await SendAsync(session, new SandboxStdinParams(name, id, keys), leaving).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // It was left.
        }
    }

    /// <summary>Types; what cannot be typed, as in a paused session, rings instead.</summary>
    private static async Task SendAsync(Session session, SandboxStdinParams wish, CancellationToken leaving)
    {
        try
        {
            var call = Call.Of("sandbox.stdin", wish, WireJson.Default.SandboxStdinParams) with { WithToken = true, Resource = wish.Session };
            await session.Node.CallAsync(call, WireJson.Default.StatusResult, leaving).ConfigureAwait(false);
        }
        catch (CallFailedException)
        {
            session.Out.Raw(Bell);
        }
    }

    private static async void ResizeAsync(Session session, string name, string id)
    {
        try
        {
            var (rows, columns) = RawTerminal.SizeOf(Output) ?? (24, 80);
            var call = Call.Of("sandbox.shell_resize", new SandboxResizeParams(name, id, rows, columns), WireJson.Default.SandboxResizeParams) with { WithToken = true, Resource = name };
            await session.Node.CallAsync(call, WireJson.Default.StatusResult, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CallFailedException)
        {
            // A terminal of another size is no reason to leave it.
        }
    }
}
