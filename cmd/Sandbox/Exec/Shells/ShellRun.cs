using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A command in the session's shell.</summary>
internal sealed class ShellRun : IRun
{
    private readonly SessionShell _owner;
    private readonly SessionUse _use;
    private readonly ProgramWish _wish;
    private readonly long _number;
    private readonly ChannelDirectory _channel;
    private ShellProcess? _shell;
    private BeginMark _began;
    private bool _hasInput;
    private bool _restarted;
    private bool _repeated;

    internal ShellRun(SessionShell owner, SessionUse use, ProgramWish wish, long number, ChannelDirectory channel) =>
        (_owner, _use, _wish, _number, _channel) = (owner, use, wish, number, channel);

    public OutputEnd Output { get; private set; } = null!;

    public OutputEnd Errors { get; private set; } = null!;

    public Task<RunEnd> Ended { get; private set; } = null!;

    /// <summary>Where its input goes in, when it stays open.</summary>
    internal InputEnd? Input { get; private set; }

    /// <summary>Lays ready what the shell will open.</summary>
    internal void Prepare(DescriptorLoop loop, Wakeup wake, ReadOnlyMemory<byte>? input, bool staysOpen)
    {
        _hasInput = input is not null || staysOpen;
        Output = new OutputEnd(loop, _channel.MakeOutput(Name('o')), wake);
        Errors = new OutputEnd(loop, _channel.MakeOutput(Name('e')), wake);
        if (staysOpen)
        {
            Input = new InputEnd(loop, _channel.MakeInput(Name('i')));
        }
        else if (input is { } bytes)
        {
            _channel.Write(Name('i'), bytes.Span);
        }

        _channel.Write(Name('c'), Encoding.UTF8.GetBytes(_wish.Command! + "\n"));
    }

    /// <summary>Tells the shell.</summary>
    internal async Task BeginAsync(CancellationToken cancellation)
    {
        (_shell, var anew) = await _owner.ShellAsync(_use, cancellation).ConfigureAwait(false);
        _restarted |= anew;
        _began = _owner.Now();
        var said = _shell.Expect(_number);
        var isTold = _shell.Tell(ShellLines.Command(_channel.Inside, _shell.Number, _number, _wish.Directory, _wish.Variables, _hasInput));
        Ended = EndAsync(_shell, said, isTold);
    }

    public void Interrupt()
    {
        foreach (var (pid, startTicks) in Started())
        {
            _ = KnownProcess.TrySignal(pid, startTicks, Signal.SIGINT);
        }

        _shell!.Interrupt();
        _ = _shell.Tell(ShellLines.Again(_channel.Inside, _shell.Number, _number));
    }

    public async Task KillAsync()
    {
        await _shell!.KillAsync(Started).ConfigureAwait(false);
        await Task.WhenAny(Ended, _owner.ShellGrace()).ConfigureAwait(false);
        if (!Ended.IsCompleted)
        {
            // It does not come back from what it does itself.
            await _shell!.KillAsync().ConfigureAwait(false);
        }

        await Ended.ConfigureAwait(false);
    }

    /// <summary>A shell that could not even open the command's pipes, or died before, has not begun it: another one can.</summary>
    public async Task<bool> RepeatAsync()
    {
        if (_repeated || _use.Session.Ended.IsCancellationRequested)
        {
            return false;
        }

        _repeated = _restarted = true;
        if (!_shell!.Exited.IsCompleted)
        {
            await _shell.KillAsync().ConfigureAwait(false);
            await _shell.Exited.ConfigureAwait(false);
        }

        await BeginAsync(CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    public void Dispose()
    {
        if (Ended.IsCompletedSuccessfully)
        {
            _owner.Leave(Output);
            _owner.Leave(Errors);
        }

        Discard();
        _owner.EndTurn();
    }

    /// <summary>Removes what was laid ready.</summary>
    internal void Discard()
    {
        foreach (var kind in _hasInput ? "coei" : "coe")
        {
            _channel.Remove(Name(kind));
        }

        Input?.Dispose();
        Output?.Dispose();
        Errors?.Dispose();
    }

    private async Task<RunEnd> EndAsync(ShellProcess shell, Task<ShellStatus> said, bool isTold)
    {
        if (!isTold)
        {
            await shell.KillAsync().ConfigureAwait(false);
        }

        if (await Task.WhenAny(said, shell.Exited).ConfigureAwait(false) != said)
        {
            // Another thread tells of its end, maybe before this command's report was read: then the next command has a new shell, not this one.
            shell.ReadLast();
        }

        if (said.IsCompleted)
        {
            var status = await said.ConfigureAwait(false);
            _owner.Note(status);
            return new RunEnd(status.Code, null, _owner.Directory, _restarted);
        }

        var exit = await shell.Exited.ConfigureAwait(false);
        _owner.Bury(shell);
        _restarted = true;
        return new RunEnd(exit.Code, exit.Signal, _owner.Directory, ShellRestarted: true);
    }

    /// <summary>What the command started; jobs of earlier commands are none of it.</summary>
    private IReadOnlyList<(int Pid, ulong StartTicks)> Started() => _owner.Since(_use, _shell!, _began, _number);

    private string Name(char kind) => ShellLines.NameOf(kind, _number);
}
