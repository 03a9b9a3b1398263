using System.IO.Compression;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class UnpackLimitsTests : IDisposable
{
    private readonly UnpackPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void As_many_entries_as_may_be_and_one_more()
    {
        var limits = new UnpackLimits { MaxEntries = 3 };
        var archive = new TarMaker().File("a").File("b").File("c");
        Assert.Equal(3, _place.Unpack(archive.Done(), limits).Entries);
        Assert.Contains("more than 3 entries", _place.Refusal(new TarMaker().File("a").File("b").File("c").File("d").Done(), limits), StringComparison.Ordinal);
    }

    [Fact]
    public void As_deep_as_may_be_and_one_deeper()
    {
        var limits = new UnpackLimits { MaxDepth = 4 };
        _place.Unpack(new TarMaker().File("a/b/c/d").Done(), limits);
        Assert.Contains("deep", _place.Refusal(new TarMaker().File("a/b/c/d/e").Done(), limits), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_as_long_as_may_be_and_a_byte_longer()
    {
        string longest = string.Join('/', Enumerable.Repeat(new string('p', 59), 60))[..3500];
        var limits = new UnpackLimits { MaxPathBytes = longest.Length };
        _place.Unpack(new TarMaker().LongName(longest).File("short", "x").Done(), limits);
        Assert.True(File.Exists(_place[longest]));
        Assert.Contains("bytes", _place.Refusal(new TarMaker().Pax(("path", longest + "q")).File("short").Done(), limits), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_as_long_as_may_be_and_a_byte_longer()
    {
        _place.Unpack(new TarMaker().LongName(new string('n', FileStatus.MaxNameBytes)).File("x").Done());
        Assert.Contains("name of 256 bytes", _place.Refusal(new TarMaker().LongName(new string('n', FileStatus.MaxNameBytes + 1)).File("x").Done()), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_bytes_as_may_be_and_one_more()
    {
        byte[] archive = new TarMaker().File("a", new string('x', 1000)).Done();
        Assert.Equal(archive.Length, Drain(new MeteredStream(new MemoryStream(archive), null, new UnpackLimits { MaxBytes = archive.Length }, default)));
        var more = new MeteredStream(new MemoryStream(archive), null, new UnpackLimits { MaxBytes = archive.Length - 1 }, default);
        Assert.Contains("more than", Assert.Throws<ArchiveException>(() => Drain(more)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_stopped_by_its_ratio_and_what_compresses_well_is_not()
    {
        byte[] packed = Pack(new byte[1 << 20]);
        var limits = new UnpackLimits { FreeBytes = 1 << 20, MaxRatio = 10 };
        Assert.Equal(1 << 20, Drain(Open(packed, limits)));
        byte[] bomb = Pack(new byte[(1 << 20) + (1 << 18)]);
        Assert.Contains("times its size", Assert.Throws<ArchiveException>(() => Drain(Open(bomb, limits))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_as_many_and_long_as_may_be_and_more()
    {
        var limits = new UnpackLimits { MaxAttributes = 2, MaxAttributeBytes = 4 };
        _place.Unpack(new TarMaker().Pax(("SCHILY.xattr.user.a", "1234"), ("SCHILY.xattr.user.b", "1")).File("f").Done(), limits);
        Assert.NotEmpty(_place.Refusal(new TarMaker().Pax(("SCHILY.xattr.user.a", "12345")).File("f").Done(), limits));
        Assert.NotEmpty(_place.Refusal(new TarMaker().Pax(("SCHILY.xattr.user.a", ""), ("SCHILY.xattr.user.b", ""), ("SCHILY.xattr.user.c", "")).File("f").Done(), limits));
    }

    [Fact]
    public void An_extended_header_as_long_as_may_be_and_longer()
    {
        _place.Unpack(new TarMaker().Entry('x', "h", content: Record(TarArchive.MaxHeaderBytes)).File("f").Done());
        Assert.Contains("extended header", _place.Refusal(new TarMaker().Entry('x', "h", content: Record(TarArchive.MaxHeaderBytes + 1)).File("f").Done()), StringComparison.Ordinal);
        Assert.Contains("extended header", _place.Refusal(new TarMaker().Entry('x', "h", size: 1L << 33).Done()), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_headers_before_an_entry_as_may_be_and_one_more()
    {
        var most = Enumerable.Range(0, TarArchive.MaxHeaders).Aggregate(new TarMaker(), (tar, _) => tar.LongName("n"));
        _place.Unpack(most.File("f").Done());
        var more = Enumerable.Range(0, TarArchive.MaxHeaders + 1).Aggregate(new TarMaker(), (tar, _) => tar.LongName("n"));
        Assert.Contains("headers before one entry", _place.Refusal(more.File("f").Done()), StringComparison.Ordinal);
    }

    private static byte[] Record(int bytes) => [.. System.Text.Encoding.ASCII.GetBytes($"{bytes} comment="), .. Enumerable.Repeat((byte)'c', bytes - $"{bytes} comment=".Length - 1), (byte)'\n'];

    private static MeteredStream Open(byte[] packed, UnpackLimits limits) =>
        new(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress), () => packed.Length, limits, default);

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private static long Drain(MeteredStream stream)
    {
        stream.Finish();
        return stream.Bytes;
    }
}
