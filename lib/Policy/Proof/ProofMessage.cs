using System.Globalization;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// What a proof of possession signs: a list of pieces in PASETO's pre-authentication encoding, the first of which no other
/// signature of this system begins with. <c>api/protocol.md</c> says the same to other implementations.
/// </summary>
public static class ProofMessage
{
    /// <summary>The first piece: what the signature is for, and the version of the list.</summary>
    public const string Context = "strata-proof 1";

    /// <summary>The message of a call.</summary>
    public static byte[] Of(in SignedCall call)
    {
        var hashOfParams = new byte[Sha256Hash.Bytes];
        var hashOfToken = new byte[Sha256Hash.Bytes];
        Sha256Hash.Of(call.Params, hashOfParams);
        Sha256Hash.Of(call.Token, hashOfToken);
        return PreAuthenticationEncoding.Of(
            Encoding.ASCII.GetBytes(Context),
            call.Service.ToArray(),
            call.ReqId.ToArray(),
            call.Method.ToArray(),
            hashOfParams,
            hashOfToken,
            Encoding.ASCII.GetBytes(call.Streams ? "true" : "false"),
            Encoding.ASCII.GetBytes(call.TimeMs.ToString(CultureInfo.InvariantCulture)));
    }
}
