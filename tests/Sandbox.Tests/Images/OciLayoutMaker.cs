using System.IO.Compression;
using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>An image in a directory, as registries' tools take it, and in a tar.</summary>
internal sealed class OciLayoutMaker
{
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly List<string> _layers = [];
    private readonly List<string> _unpacked = [];

    public static string Architecture => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    public IReadOnlyDictionary<string, byte[]> Blobs => _blobs;

    public string ConfigMembers { get; set; } = "\"config\":{\"Env\":[\"A=b\"],\"WorkingDir\":\"/srv\",\"User\":\"1000\",\"Entrypoint\":[\"/bin/x\"],\"Cmd\":[\"y\"]},";

    public OciLayoutMaker Layer(byte[] tar, string type = "application/vnd.oci.image.layer.v1.tar+gzip", Digest? said = null, Func<byte[], byte[]>? pack = null)
    {
        var packed = pack is not null ? pack(tar) : type.EndsWith("gzip", StringComparison.Ordinal) ? Pack(tar) : tar;
        _unpacked.Add($"\"{said ?? Digest.Of(tar)}\"");
        _layers.Add(Descriptor(type, packed));
        return this;
    }

    /// <summary>The manifest's own digest.</summary>
    public Digest Manifest(string type = MediaTypes.OciManifest)
    {
        var config = Encoding.UTF8.GetBytes($$$"""{"architecture":"{{{Architecture}}}","os":"linux",{{{ConfigMembers}}}"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', _unpacked)}}}]}}""");
        var text = $$"""{"schemaVersion":2,"mediaType":"{{type}}","config":{{Descriptor(MediaTypes.OciConfig, config)}},"layers":[{{string.Join(',', _layers)}}]}""";
        return Add(Encoding.UTF8.GetBytes(text));
    }

    public string Index(params (string Platform, Digest Manifest)[] manifests) => $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{string.Join(',', manifests.Select(m =>
        $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{m.Manifest}}}","size":{{{_blobs[m.Manifest.Hex].Length}}},"platform":{"os":"linux","architecture":"{{{m.Platform}}}"}}"""))}}]}""";

    public Digest Add(byte[] blob)
    {
        var digest = Digest.Of(blob);
        _blobs[digest.Hex] = blob;
        return digest;
    }

    public byte[] Tar(string index)
    {
        var tar = new TarMaker().File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").File("index.json", index);
        foreach (var (name, content) in _blobs)
        {
            tar.Entry('0', "blobs/sha256/" + name, content: content);
        }

        return tar.Done();
    }

    public void WriteTo(string directory, string index)
    {
        Directory.CreateDirectory(Path.Combine(directory, "blobs/sha256"));
        File.WriteAllText(Path.Combine(directory, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllText(Path.Combine(directory, "index.json"), index);
        foreach (var (name, content) in _blobs)
        {
            File.WriteAllBytes(Path.Combine(directory, "blobs/sha256", name), content);
        }
    }

    private string Descriptor(string type, byte[] content) => $$"""{"mediaType":"{{type}}","digest":"{{Add(content)}}","size":{{content.Length}}}""";

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
