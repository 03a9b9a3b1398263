using System.Numerics;

namespace Strata.Policy.Tests;

/// <summary>Makes the other signature that a careless verifier takes for the same: S plus the order of the group.</summary>
internal static class Malleation
{
    private static readonly BigInteger GroupOrder =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    internal static byte[] AddGroupOrder(ReadOnlySpan<byte> signature)
    {
        var s = new BigInteger(signature[32..], isUnsigned: true) + GroupOrder;
        var malleated = signature.ToArray();
        malleated.AsSpan(32).Clear();
        Assert.True(s.TryWriteBytes(malleated.AsSpan(32), out _, isUnsigned: true));
        return malleated;
    }
}
