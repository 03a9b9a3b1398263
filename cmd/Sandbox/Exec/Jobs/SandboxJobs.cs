using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Background commands and terminals: <c>sandbox.start</c>, <c>jobs</c>, <c>attach</c>, <c>stdin</c>, <c>signal</c>, <c>wait</c>, <c>shell</c> and <c>shell_resize</c>.</summary>
internal sealed class SandboxJobs(SandboxExec exec, Func<CallContext, string, SandboxSession> find, SandboxAudit audit, TimeProvider time)
{
    private static readonly Dictionary<string, int> Signals = new()
    {
        ["INT"] = Signal.SIGINT, ["TERM"] = Signal.SIGTERM, ["KILL"] = Signal.SIGKILL, ["HUP"] = Signal.SIGHUP, ["QUIT"] = Signal.SIGQUIT,
        ["USR1"] = Signal.SIGUSR1, ["USR2"] = Signal.SIGUSR2, ["STOP"] = Signal.SIGSTOP, ["CONT"] = Signal.SIGCONT,
    };

    /// <summary>Login shells of a terminal, the first that is there.</summary>
    private static readonly string[][] Shells = [["bash", "-l"], ["sh", "-l"]];

    internal async ValueTask<Reply<SandboxStartResult>> StartAsync(SandboxStartParams wish, CallContext call)
    {
        var checkedWish = ProgramWish.Of(wish.Command, wish.Argv, wish.Cwd, wish.Env);
        if ((checkedWish.Error ?? (wish.Id is null || JobName.IsValid(wish.Id) ? null : JobName.Fault)) is { } wrong)
        {
            return wrong;
        }

        var program = checkedWish.Value!;
        program = exec.Allowed(call, wish.Session, program);
        var session = find(call, wish.Session);
        using var use = session.Use();
        var parts = exec.Of(session);
        var job = await KeepAsync(parts.Jobs, wish.Id, async id =>
        {
            var wake = new Wakeup();
            var run = await ProgramRun.StartAsync(exec.Loop, use, program, wake, wish.StdinOpen, call.Cancellation).ConfigureAwait(false);
            return new Job(id, program.Shown, time.GetUtcNow(), run.Process, run.Output, run.Errors, run.Input, wake);
        }).ConfigureAwait(false);
        session.CountExec();
        audit.Done(call, wish.Session, target: program.Arguments?[0]);
        return new SandboxStartResult(job.Id);
    }

    internal ValueTask<Reply<SandboxJobsResult>> List(SandboxSessionParams wish, CallContext call)
    {
        var parts = exec.Of(find(call, wish.Session));
        return Reply.Ok(new SandboxJobsResult([.. parts.Jobs.All.Select(j => j.View())]));
    }

    internal ValueTask<Reply<IAsyncEnumerable<SandboxOutputItem>>> Attach(SandboxAttachParams wish, CallContext call) =>
        Reply.Ok(Watch(find(call, wish.Session), wish.Id, wish.Offset));

    internal async ValueTask<Reply<StatusResult>> InputAsync(SandboxStdinParams wish, CallContext call)
    {
        var session = find(call, wish.Session);
        using var use = session.Use();
        var parts = exec.Of(session);
        var input = parts.InputOf(wish.Id) ?? parts.Jobs.Find(wish.Id).Input;
        if (input is null || (wish.DataB64 is { IsEmpty: false } bytes && !await input.WriteAsync(bytes, call.Cancellation).ConfigureAwait(false)))
        {
            return RpcError.Conflict("it reads no input, or no longer; stdin_open keeps the input of a command open") with { Reason = SandboxReasons.InputClosed };
        }

        if (wish.Eof)
        {
            await input.CloseAsync(call.Cancellation).ConfigureAwait(false);
        }

        return new StatusResult("written");
    }

    internal async ValueTask<Reply<StatusResult>> SignalAsync(SandboxSignalParams wish, CallContext call)
    {
        var session = find(call, wish.Session);
        using var use = session.Use(whilePaused: wish.Signal == "KILL");
        await exec.Of(session).Jobs.Find(wish.Id).SignalAsync(Signals[wish.Signal]).ConfigureAwait(false);
        audit.Done(call, wish.Session, target: wish.Id);
        return new StatusResult("signalled");
    }

    internal async ValueTask<Reply<SandboxJob>> WaitAsync(SandboxWaitParams wish, CallContext call)
    {
        var job = exec.Of(find(call, wish.Session)).Jobs.Find(wish.Id);
        if (wish.TimeoutMs > 0 && !job.Ended.IsCompleted)
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
            await Task.WhenAny(job.Ended, Task.Delay(TimeSpan.FromMilliseconds(wish.TimeoutMs), time, ends.Token)).ConfigureAwait(false);
            await ends.CancelAsync().ConfigureAwait(false);
            call.Cancellation.ThrowIfCancellationRequested();
        }

        return job.View();
    }

    internal async ValueTask<Reply<IAsyncEnumerable<SandboxOutputItem>>> ShellAsync(SandboxShellParams wish, CallContext call)
    {
        var session = find(call, wish.Session);
        if (wish.Id is { } known && exec.Of(session).Jobs.TryFind(known) is { } there)
        {
            if (!there.IsTerminal)
            {
                return RpcError.Conflict("that is a background command, not a terminal; sandbox.attach shows its output") with { Reason = SandboxReasons.NotTerminal };
            }

            there.Resize(wish.Rows, wish.Cols);
            return Reply.Ok(Watch(session, known, wish.Offset));
        }

        if (wish.Id is not null && !JobName.IsValid(wish.Id))
        {
            return JobName.Fault;
        }

        var program = new ProgramWish { Arguments = wish.Argv ?? Shells[0] };
        if (wish.Argv is not null && ProgramWish.Of(null, wish.Argv, null, null).Error is { } wrong)
        {
            return wrong;
        }

        program = exec.Allowed(call, wish.Session, program);
        using var use = session.Use();
        var job = await KeepAsync(exec.Of(session).Jobs, wish.Id, id => OpenAsync(use, wish, program, id, call.Cancellation)).ConfigureAwait(false);
        session.CountExec();
        audit.Done(call, wish.Session, target: program.Arguments![0]);
        return Reply.Ok(Watch(session, job.Id, 0));
    }

    internal ValueTask<Reply<StatusResult>> Resize(SandboxResizeParams wish, CallContext call)
    {
        var session = find(call, wish.Session);
        using var use = session.Use(whilePaused: true);
        var job = exec.Of(session).Jobs.Find(wish.Id);
        if (!job.IsTerminal)
        {
            Reply<StatusResult> wrong = RpcError.Conflict("that is a background command, not a terminal") with { Reason = SandboxReasons.NotTerminal };
            return wrong;
        }

        job.Resize(wish.Rows, wish.Cols);
        return Reply.Ok(new StatusResult("resized"));
    }

    private async Task<Job> OpenAsync(SessionUse use, SandboxShellParams wish, ProgramWish program, string id, CancellationToken cancellation)
    {
        var terminal = use.Sandbox.OpenTerminal(wish.Rows, wish.Cols);
        try
        {
            _ = Descriptors.TrySetNonBlocking(terminal.Controller.Number, nonBlocking: true);
            var start = new SandboxedStart
            {
                Program = "", Arguments = [], Environment = ProgramStart.EnvironmentOf(use.Session, terminal: wish.Term), Terminal = terminal,
                WorkingDirectory = exec.Of(use.Session).Shell.Directory ?? use.Session.WorkingDirectory,
            };
            var process = wish.Argv is null
                ? await StartLoginAsync(use, start, cancellation).ConfigureAwait(false)
                : await ProgramStart.StartAsync(use, program, start, cancellation).ConfigureAwait(false);
            var wake = new Wakeup();
            return new Job(
                id, program.Shown, time.GetUtcNow(), process, new OutputEnd(exec.Loop, FileDescriptor.Duplicate(terminal.Controller.Number), wake), errors: null,
                new InputEnd(exec.Loop, FileDescriptor.Duplicate(terminal.Controller.Number)), wake, terminal);
        }
        catch
        {
            terminal.Dispose();
            throw;
        }
    }

    private static async Task<SandboxedProcess> StartLoginAsync(SessionUse use, SandboxedStart start, CancellationToken cancellation)
    {
        foreach (var shell in Shells)
        {
            try
            {
                return await ProgramStart.StartAsync(use, new ProgramWish { Arguments = shell }, start, cancellation).ConfigureAwait(false);
            }
            catch (SandboxException e) when (e.Reason == SandboxReasons.ProgramNotFound)
            {
            }
        }

        throw ProgramStart.NoShell("give argv, what the terminal shall run");
    }

    private IAsyncEnumerable<SandboxOutputItem> Watch(SandboxSession session, string id, long offset)
    {
        var job = exec.Of(session).Jobs.Find(id);
        job.CheckRoom();
        return WatchAsync(session.Use(whilePaused: true), job, offset);
    }

    private static async IAsyncEnumerable<SandboxOutputItem> WatchAsync(
        SessionUse use, Job job, long offset, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using (use)
        {
            await foreach (var item in job.WatchAsync(offset, cancellation).ConfigureAwait(false))
            {
                yield return item;
            }
        }
    }

    private static async Task<Job> KeepAsync(JobTable jobs, string? wished, Func<string, Task<Job>> start)
    {
        var id = jobs.Promise(wished);
        Job? job = null;
        try
        {
            return job = await start(id).ConfigureAwait(false);
        }
        finally
        {
            jobs.Keep(id, job);
        }
    }
}
