namespace Strata.Ipc;

/// <summary>A cancellation source whose token may still be read after it was disposed, by work a handler left behind.</summary>
internal sealed class CallCancellation : CancellationTokenSource
{
    internal CallCancellation() => Ends = Token;

    internal CallCancellation(TimeSpan after, TimeProvider time)
        : base(after, time) => Ends = Token;

    internal CancellationToken Ends { get; }
}
