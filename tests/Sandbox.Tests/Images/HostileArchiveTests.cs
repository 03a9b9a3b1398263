using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Archives that nobody thought of: whatever comes, nothing outside the layer changes.</summary>
public sealed class HostileArchiveTests
{
    private const int Archives = 400;
    private static readonly string[] Names = ["a", "b", "c", "..", ".", "", ".wh.a", ".wh..wh..opq", ".wh..", "secret", "inner", "outside"];
    private static readonly char[] Kinds = ['0', '0', '0', '5', '5', '2', '2', '1', '1', '3', '6', '7'];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_outside_the_layer_changes_whatever_an_archive_says(int seed)
    {
        var random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < Archives; i++)
        {
            using var place = new UnpackPlace();
            try
            {
                place.Unpack(Generate(random, place));
                whole++;
            }
            catch (Exception e) when (e is ArchiveException or LinuxException)
            {
                // Refused: what counts is what it did until then.
            }

            Assert.True(place.IsUntouched, $"archive {i} of seed {seed}");
        }

        Assert.InRange(whole, Archives / 20, Archives);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_damaged_archive_ends_in_a_refusal_and_in_nothing_else(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Archives; i++)
        {
            using var place = new UnpackPlace();
            byte[] archive = Generate(random, place);
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                archive[random.Next(archive.Length)] = (byte)random.Next(256);
            }

            try
            {
                place.Unpack(archive);
            }
            catch (Exception e) when (e is ArchiveException or LinuxException)
            {
            }

            Assert.True(place.IsUntouched, $"archive {i} of seed {seed}");
        }
    }

    private static byte[] Generate(Random random, UnpackPlace place)
    {
        var tar = new TarMaker();
        for (int entries = random.Next(1, 12); entries > 0; entries--)
        {
            char kind = Kinds[random.Next(Kinds.Length)];
            string target = random.Next(5) switch { 0 => place.Outside, 1 => "../outside", 2 => "/", 3 => place.Outside + "/secret", _ => PathOf(random) };
            if (random.Next(8) == 0)
            {
                tar.Pax((random.Next(2) == 0 ? "path" : "linkpath", PathOf(random)), ("SCHILY.xattr.user.overlay.redirect", "/"));
            }

            tar.Entry(kind, PathOf(random), kind is '1' or '2' ? target : "", kind is '0' ? [1, 2, 3] : null, random.Next(0x1000), random.Next(100_000));
        }

        return tar.Done();
    }

    private static string PathOf(Random random)
    {
        // Mostly harmless names, or no archive would come far.
        var names = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Names[random.Next(8) == 0 ? random.Next(Names.Length) : random.Next(3)]);
        return (random.Next(6) == 0 ? "/" : "") + string.Join('/', names);
    }
}
