namespace Strata.Ipc;

/// <summary>A request's envelope as spans into its frame; nothing is copied and nothing of params is interpreted.</summary>
#pragma warning disable CA1051 // Plain fields: a ref struct of spans, filled by one reader and read by one dispatcher.
public ref struct RequestEnvelope
{
    /// <summary>The id between its quotes exactly as sent, escapes included, so that it can be echoed as it came.</summary>
    public ReadOnlySpan<byte> ReqIdRaw;

    /// <summary>The method's name, without escapes.</summary>
    public ReadOnlySpan<byte> Method;

    /// <summary>The token, empty when none was sent.</summary>
    public ReadOnlySpan<byte> Token;

    /// <summary>The proof that goes with the token; without a signature when none was sent.</summary>
    public RequestProof Proof;

    /// <summary>The JSON text of params, empty when none were sent.</summary>
    public ReadOnlySpan<byte> Params;

    /// <summary>The caller's deadline in milliseconds, or 0 for none.</summary>
    public int DeadlineMs;

    /// <summary>True when a streaming answer is asked for.</summary>
    public bool More;
}
