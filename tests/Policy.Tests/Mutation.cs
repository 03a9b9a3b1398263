namespace Strata.Policy.Tests;

/// <summary>Damages bytes: flips, replaces, inserts, deletes, repeats and cuts, one to three times.</summary>
internal static class Mutation
{
    private static readonly byte[] Telling = [.. ".=-_+/ {}[]\":,\\\0\n0A9z"u8, 0x80, 0xc0, 0xed, 0xff];

    internal static byte[] Apply(Random random, ReadOnlySpan<byte> original)
    {
        var bytes = original.ToArray().ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            ApplyOnce(random, bytes);
        }

        return [.. bytes];
    }

    private static void ApplyOnce(Random random, List<byte> bytes)
    {
        var at = random.Next(bytes.Count);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2:
                bytes.Insert(at, Telling[random.Next(Telling.Length)]);
                break;
            case 3:
                bytes.RemoveAt(at);
                break;
            case 4:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                break;
            default:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                break;
        }
    }
}
