using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A program of its own, without the session's shell. What it started and left behind ends with it.</summary>
internal sealed class ProgramRun : IRun
{
    private readonly SandboxedProcess _process;
    private readonly InputEnd? _input;

    private ProgramRun(SandboxedProcess process, OutputEnd output, OutputEnd errors, InputEnd? input)
    {
        (_process, Output, Errors, _input) = (process, output, errors, input);
        Ended = EndAsync();
    }

    public OutputEnd Output { get; }

    public OutputEnd Errors { get; }

    public Task<RunEnd> Ended { get; }

    /// <summary>Where its input goes in; null when it has none.</summary>
    internal InputEnd? Input => _input;

    /// <summary>The process.</summary>
    internal SandboxedProcess Process => _process;

    /// <summary>Starts it.</summary>
    internal static async Task<ProgramRun> StartAsync(
        DescriptorLoop loop, SessionUse use, ProgramWish wish, Wakeup wake, bool hasInput, CancellationToken cancellation)
    {
        using var output = Pipe.Create();
        using var errors = Pipe.Create();
        using var input = hasInput ? Pipe.Create(nonBlockingReader: false) : null;
        var process = await ProgramStart.StartAsync(
            use,
            wish,
            new SandboxedStart
            {
                Program = "", Arguments = [], Environment = ProgramStart.EnvironmentOf(use.Session, wish.Variables), WorkingDirectory = wish.Directory ?? use.Session.WorkingDirectory,
                StandardInput = input?.Reader.Number, StandardOutput = output.Writer.Number, StandardError = errors.Writer.Number,
            },
            cancellation).ConfigureAwait(false);
        return new ProgramRun(
            process,
            new OutputEnd(loop, new FileDescriptor(output.Reader.Release()), wake),
            new OutputEnd(loop, new FileDescriptor(errors.Reader.Release()), wake),
            input is null ? null : new InputEnd(loop, NonBlocking(input.Writer)));
    }

    public void Interrupt() => _process.Signal(Signal.SIGINT, group: true);

    public async Task KillAsync()
    {
        await _process.KillTreeAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
    }

    public Task<bool> RepeatAsync() => Task.FromResult(false);

    public void Dispose()
    {
        _input?.Dispose();
        Output.Dispose();
        Errors.Dispose();
        _process.Dispose();
    }

    internal static FileDescriptor NonBlocking(FileDescriptor writer)
    {
        _ = Descriptors.TrySetNonBlocking(writer.Number, nonBlocking: true);
        return new FileDescriptor(writer.Release());
    }

    private async Task<RunEnd> EndAsync()
    {
        var exit = await _process.Exited.ConfigureAwait(false);
        await _process.KillTreeAsync().ConfigureAwait(false);
        return new RunEnd(exit.Code, exit.Signal);
    }
}
