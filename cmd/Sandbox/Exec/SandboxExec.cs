using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary><c>sandbox.exec</c>.</summary>
internal sealed class SandboxExec(Func<CallContext, string, SandboxSession> find, SandboxAudit audit, TimeProvider time)
{
    private readonly Lazy<DescriptorLoop> _loop = new(() => new DescriptorLoop());

    /// <summary>Waits for the pipes of all sandboxes; its thread is started when first needed.</summary>
    internal DescriptorLoop Loop => _loop.Value;

    /// <summary>What runs in a session.</summary>
    internal SessionExec Of(SandboxSession session) => session.Part(s => new SessionExec(s, Loop, time));

    /// <summary>A program that the caller's capability lets run, named by its path where it names them.</summary>
    /// <exception cref="SandboxException">It does not.</exception>
    internal ProgramWish Allowed(CallContext call, string session, ProgramWish wish)
    {
        try
        {
            CommandPolicy.Of(call).Check(ref wish);
            return wish;
        }
        catch (SandboxException e)
        {
            audit.Denied(call, session, e.Reason, wish.Arguments?[0]);
            throw;
        }
    }

    internal async ValueTask<Reply<IAsyncEnumerable<SandboxExecItem>>> StartAsync(SandboxExecParams wish, CallContext call)
    {
        var checkedWish = ProgramWish.Of(wish.Command, wish.Argv, wish.Cwd, wish.Env);
        if ((checkedWish.Error ?? CheckInput(wish, call)) is { } wrong)
        {
            return wrong;
        }

        var program = checkedWish.Value!;
        var session = find(call, wish.Session);
        program = Allowed(call, wish.Session, program);
        var use = session.Use();
        try
        {
            session.CountExec();
            var wake = new Wakeup();
            var (run, input) = await BeginAsync(use, program, wish, wake, call).ConfigureAwait(false);
            audit.Done(call, wish.Session, target: program.Arguments?[0]);
            var execution = new Execution(run, wake, time)
            {
                Timeout = TimeSpan.FromMilliseconds(wish.TimeoutMs), Streams = call.WantsMore,
                MaxBytes = call.WantsMore ? wish.MaxOutputBytes ?? long.MaxValue : Math.Min(wish.MaxOutputBytes ?? ExecLimits.MaxAnswerBytes, ExecLimits.MaxAnswerBytes),
            };
            return Reply.Ok(ItemsAsync(execution, use, Of(session), input is null ? null : wish.Id, run is ProgramRun));
        }
        catch (Exception e)
        {
            use.Dispose();
            if (e is SandboxException refusal)
            {
                audit.Refused(call, wish.Session, refusal.Reason, program.Arguments?[0]);
            }

            throw;
        }
    }

    private async Task<(IRun Run, InputEnd? Input)> BeginAsync(SessionUse use, ProgramWish program, SandboxExecParams wish, Wakeup wake, CallContext call)
    {
        var parts = Of(use.Session);
        if (!wish.Stateless && program.Arguments is null)
        {
            var run = await parts.Shell.BeginAsync(use, program, wish.StdinB64, wish.StdinOpen, wake, call.Cancellation).ConfigureAwait(false);
            return (run, Named(parts, wish, run, run.Input));
        }

        parts.TakePlace();
        try
        {
            var run = await ProgramRun.StartAsync(Loop, use, program, wake, wish.StdinOpen || wish.StdinB64 is not null, call.Cancellation).ConfigureAwait(false);
            if (wish.StdinB64 is { } bytes)
            {
                _ = FeedAsync(run.Input!, bytes, closes: !wish.StdinOpen);
            }

            return (run, Named(parts, wish, run, wish.StdinOpen ? run.Input : null));
        }
        catch
        {
            parts.LeavePlace();
            throw;
        }
    }

    private static InputEnd? Named(SessionExec parts, SandboxExecParams wish, IRun run, InputEnd? input)
    {
        if (input is not null)
        {
            try
            {
                parts.Name(wish.Id!, input);
            }
            catch
            {
                _ = EndAsync(run);
                throw;
            }
        }

        return input;
    }

    private static async Task EndAsync(IRun run)
    {
        await run.KillAsync().ConfigureAwait(false);
        run.Dispose();
    }

    /// <summary>Gives a program its input while it runs; who ends without having read it all is not asked why.</summary>
    private static async Task FeedAsync(InputEnd input, ReadOnlyMemory<byte> bytes, bool closes)
    {
        if (await input.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false) && closes)
        {
            await input.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<SandboxExecItem> ItemsAsync(
        Execution execution, SessionUse use, SessionExec parts, string? inputId, bool hasPlace, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            if (inputId is not null && execution.Streams)
            {
                // Input can be given from now on.
                yield return new SandboxExecItem();
            }

            await foreach (var item in execution.ItemsAsync(cancellation).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            if (inputId is not null)
            {
                parts.Forget(inputId);
            }

            if (hasPlace)
            {
                parts.LeavePlace();
            }

            use.Dispose();
        }
    }

    private static RpcError? CheckInput(SandboxExecParams wish, CallContext call) =>
        wish.Id is not null && !JobName.IsValid(wish.Id) ? JobName.Fault
        : wish.StdinOpen && wish.Id is null ? RpcError.InvalidField("id", "with stdin_open the field \"id\" must name the command, for sandbox.stdin")
        : wish.StdinOpen && wish.StdinB64 is not null && !wish.Stateless && wish.Argv is null
            ? RpcError.InvalidField("stdin_b64", "give either \"stdin_b64\" or \"stdin_open\" for a command of the session's shell; send the bytes with sandbox.stdin")
        : !call.WantsMore && wish.MaxOutputBytes > ExecLimits.MaxAnswerBytes
            ? RpcError.InvalidField("max_output_bytes", $"an answer holds at most {ExecLimits.MaxAnswerBytes} bytes of output; ask with \"more\": true for a stream")
        : null;
}
