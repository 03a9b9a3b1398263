namespace Strata.Policy;

/// <summary>
/// Public keys of small order and their non-canonical spellings (the list libsodium keeps in ge25519_has_small_order). Under such a
/// key signatures can be forged without a secret, so one is refused when the key is loaded, whatever the provider would do.
/// </summary>
internal static class SmallOrderPoints
{
    private static readonly byte[][] Encodings =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    internal static bool Contains(ReadOnlySpan<byte> publicKey)
    {
        foreach (var encoding in Encodings)
        {
            // The top bit is the sign of x; both signs are of small order.
            if (publicKey[..^1].SequenceEqual(encoding.AsSpan(0, encoding.Length - 1)) && (publicKey[^1] & 0x7f) == encoding[^1])
            {
                return true;
            }
        }

        return false;
    }
}
