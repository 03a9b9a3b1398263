namespace Strata.Ipc;

/// <summary>What a request carries to prove that its holder sends it: well-formed, and not looked at any further here.</summary>
#pragma warning disable CA1051 // Plain fields, as in the envelope it is part of.
public ref struct RequestProof
{
    /// <summary>Length of the signature as it is sent: 86 characters, which is 64 bytes in base64url.</summary>
    public const int SignatureCharacters = 86;

    /// <summary>Largest time: 2^53 - 1, which every JSON parser reads exactly.</summary>
    public const long MaxTimeMs = (1L << 53) - 1;

    /// <summary>The signature, base64url; empty when the request carries no proof.</summary>
    public ReadOnlySpan<byte> Signature;

    /// <summary>When it was signed, in Unix milliseconds; 0 when the request carries no proof.</summary>
    public long TimeMs;
}
