using System.Runtime.InteropServices;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Compat;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl;

/// <summary>The program: picks the form of the command line, and turns signals and a closed pipe into exit codes.</summary>
internal static class CommandLineProgram
{
    public static int Run(string[] args, Surroundings around)
    {
        try
        {
            // The compatible form comes first and touches nothing of the command tree, nor anything asynchronous: scripts
            // call it in loops. A signal ends it as it ends any program.
            return CompatArguments.Recognise(args) is { } compat
                ? CompatCall.Run(compat, around)
                : RunCommandAsync(args, around).GetAwaiter().GetResult();
        }
        catch (BrokenPipeException)
        {
            // The reader (head, less) has what it wanted; there is nobody left to tell.
            return ExitCode.BrokenPipe;
        }
    }

    internal static Task<int> DispatchAsync(string[] args, Surroundings around, CancellationToken cancellation) =>
        args is [CompletionCandidates.CommandName, .. var words]
            ? Task.FromResult(CompletionCandidates.Print(words, around))
            : CommandTree.InvokeAsync(args, around, cancellation);

    private static async Task<int> RunCommandAsync(string[] args, Surroundings around)
    {
        using var interrupted = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        try
        {
            return await DispatchAsync(args, around, interrupted.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }
}
