namespace Strata.Policy;

/// <summary>All of a call that its holder signs. Spans into the request; nothing is copied.</summary>
public readonly ref struct SignedCall
{
    /// <summary>The service called, UTF-8.</summary>
    public required ReadOnlySpan<byte> Service { get; init; }

    /// <summary>The request's id between its quotes exactly as sent, escapes included.</summary>
    public required ReadOnlySpan<byte> ReqId { get; init; }

    /// <summary>The method's name, UTF-8.</summary>
    public required ReadOnlySpan<byte> Method { get; init; }

    /// <summary>The JSON text of the params exactly as sent, from its first brace to its last; empty when there are none.</summary>
    public ReadOnlySpan<byte> Params { get; init; }

    /// <summary>The token, UTF-8.</summary>
    public required ReadOnlySpan<byte> Token { get; init; }

    /// <summary>Whether a stream is asked for.</summary>
    public bool Streams { get; init; }

    /// <summary>When it was signed, in Unix milliseconds.</summary>
    public required long TimeMs { get; init; }
}
