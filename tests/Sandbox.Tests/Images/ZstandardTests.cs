using System.Diagnostics.CodeAnalysis;

namespace Strata.Sandbox.Tests;

/// <summary>Layers that are packed with zstd: the same bounds as for all others.</summary>
public sealed class ZstandardTests : IDisposable
{
    private const string Kind = "application/vnd.oci.image.layer.v1.tar+zstd";

    private static readonly byte[] Layer = new TarMaker().Directory("etc").File("etc/name", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"))).Done();

    private readonly ImagePlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void An_image_of_such_layers_is_imported_as_its_maker_meant_it()
    {
        var layout = new OciLayoutMaker().Layer(Layer, Kind, pack: bytes => ZstandardMaker.Pack(bytes));
        var image = _place.Import(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest()))), "app");
        Assert.Equal(Digest.Of(Layer).ToString(), Assert.Single(image.Layers).Digest);
        Assert.EndsWith("line 19999\n", _place.FileOf(image, "etc/name"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_is_packed_as_a_whole_or_the_root_itself_is_imported()
    {
        var layout = new OciLayoutMaker().Layer(Layer);
        _place.Import(ZstandardMaker.Pack(layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())))), "whole");
        Assert.Equal(Digest.Of(Layer).ToString(), Assert.Single(_place.Import(ZstandardMaker.Pack(Layer), "root").Layers).Digest);
    }

    [Fact]
    public void Frames_stand_one_behind_the_other_and_some_are_passed_over()
    {
        byte[] packed = [.. ZstandardMaker.Skipped(1, 2, 3), .. ZstandardMaker.Pack(Layer[..1000]), .. ZstandardMaker.Pack([]), .. ZstandardMaker.Pack(Layer[1000..]), .. ZstandardMaker.Skipped()];
        Assert.Equal(Digest.Of(Layer).ToString(), Assert.Single(_place.Import(packed, "frames").Layers).Digest);
    }

    [Fact]
    public void A_bomb_is_stopped_by_its_ratio()
    {
        var limits = new UnpackLimits { FreeBytes = 1 << 20, MaxRatio = 200 };
        var bomb = ZstandardMaker.Bomb(1L << 30);
        using var stream = Open(bomb, limits);
        Assert.Contains("times its size", Assert.Throws<ArchiveException>(() => stream.Finish()).Message, StringComparison.Ordinal);
        Assert.InRange(stream.Bytes, limits.FreeBytes, (bomb.Length + 1024L) * limits.MaxRatio);
    }

    [Fact]
    public void A_bomb_of_frames_within_its_ratio_is_stopped_by_its_bytes()
    {
        var limits = new UnpackLimits { FreeBytes = 1L << 40, MaxBytes = 8 << 20 };
        byte[] packed = [.. Enumerable.Repeat(ZstandardMaker.Bomb(1 << 20), 9).SelectMany(frame => frame)];
        using var stream = Open(packed, limits);
        Assert.Contains("more than 8388608 bytes", Assert.Throws<ArchiveException>(() => stream.Finish()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_as_large_as_may_be_and_a_larger_one()
    {
        using var largest = Open(ZstandardMaker.Bomb(1000, ZstandardMaker.LargestWindow), new UnpackLimits());
        largest.Finish();
        Assert.Equal(1000, largest.Bytes);
        foreach (var window in (byte[])[ZstandardMaker.LargestWindow + 1, ZstandardMaker.LargestWindow + 8, 0xf8, 0xff])
        {
            using var larger = Open(ZstandardMaker.Bomb(1000, window), new UnpackLimits());
            Assert.Throws<InvalidDataException>(() => larger.Finish());
        }

        Assert.Contains("damaged", _place.Refusal(ZstandardMaker.Bomb(1000, 0xf8)), StringComparison.Ordinal);
        Assert.Empty(_place.Left());
    }

    [Fact]
    [SuppressMessage("Security", "CA5394", Justification = "seeded, to be the same each time")]
    public void What_is_cut_or_changed_anywhere_is_refused_or_another_layer_and_never_crashes()
    {
        byte[] packed = ZstandardMaker.Pack(Layer, 3);
        for (int cut = 4; cut < packed.Length; cut += 97)
        {
            using var stream = Open(packed[..cut], new UnpackLimits());
            Assert.Throws<InvalidDataException>(() => stream.Finish());
        }

        var random = new Random(7);
        for (int i = 0; i < 500; i++)
        {
            var changed = packed.ToArray();
            changed[random.Next(4, changed.Length)] ^= (byte)(1 << random.Next(8));
            using var stream = Open(changed, new UnpackLimits { MaxBytes = 64 << 20 });
            try
            {
                stream.Finish();
            }
            catch (Exception e) when (e is InvalidDataException or ArchiveException)
            {
            }
        }
    }

    private static MeteredStream Open(byte[] packed, UnpackLimits limits)
    {
        var part = new PartStream(new MemoryStream(packed), packed.Length);
        return new MeteredStream(new ZstandardStream(part), () => part.Taken, limits, default);
    }
}
