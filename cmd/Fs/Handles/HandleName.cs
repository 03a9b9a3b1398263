using System.Buffers.Text;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>Names of handles: 128 random bits, base64url, so that none can be guessed.</summary>
internal static class HandleName
{
    internal const int RandomBytes = 16;

    internal static string New()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        SecureRandom.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
