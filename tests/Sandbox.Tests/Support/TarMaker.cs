using System.Buffers;
using System.Globalization;
using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>Writes archives as nobody should, byte by byte.</summary>
internal sealed class TarMaker
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public TarMaker File(string path, string content = "", int mode = 0x1a4, int owner = 0) => Entry('0', path, content: Encoding.UTF8.GetBytes(content), mode: mode, owner: owner);

    public TarMaker Directory(string path, int mode = 0x1ed) => Entry('5', path, mode: mode);

    public TarMaker Link(string path, string target) => Entry('2', path, target);

    public TarMaker HardLink(string path, string target) => Entry('1', path, target);

    public TarMaker Pax(params (string Key, string Value)[] records)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in records)
        {
            int bytes = Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) + 3;
            int length = bytes + (bytes + 2).ToString(CultureInfo.InvariantCulture).Length;
            length = bytes + length.ToString(CultureInfo.InvariantCulture).Length;
            text.Append(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
        }

        return Entry('x', "pax", content: Encoding.UTF8.GetBytes(text.ToString()));
    }

    public TarMaker LongName(string name) => Entry('L', "././@LongLink", content: Encoding.UTF8.GetBytes(name + "\0"));

    public TarMaker Entry(char kind, string path, string target = "", byte[]? content = null, int mode = 0x1a4, int owner = 0, long? size = null)
    {
        byte[] block = new byte[512];
        Put(block, 0, 100, path);
        Number(block, 100, 8, mode);
        Number(block, 108, 8, owner);
        Number(block, 116, 8, owner);
        Number(block, 124, 12, size ?? content?.Length ?? 0);
        Number(block, 136, 12, 1_000_000_000);
        block.AsSpan(148, 8).Fill((byte)' ');
        block[156] = (byte)kind;
        Put(block, 157, 100, target);
        Put(block, 257, 8, "ustar\000");
        Number(block, 148, 7, block.Sum(b => (int)b));
        _bytes.Write(block);
        _bytes.Write(content ?? []);
        _bytes.Write(new byte[-(content?.Length ?? 0) & 511]);
        return this;
    }

    public byte[] Done()
    {
        _bytes.Write(new byte[1024]);
        return _bytes.WrittenSpan.ToArray();
    }

    private static void Put(byte[] block, int at, int most, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.AsSpan(0, Math.Min(bytes.Length, most)).CopyTo(block.AsSpan(at));
    }

    private static void Number(byte[] block, int at, int bytes, long value) =>
        Put(block, at, bytes, Convert.ToString(value, 8).PadLeft(bytes - 1, '0') + (at == 148 ? "\0" : ""));
}
