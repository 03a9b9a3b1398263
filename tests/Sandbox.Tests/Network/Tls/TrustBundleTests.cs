using System.Text;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class TrustBundleTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null)]
    [InlineData("/etc/ssl/certs/ca-certificates.crt")]
    [InlineData("/etc/pki/tls/certs/ca-bundle.crt")]
    public async Task An_image_keeps_its_own_roots_and_has_those_of_the_host_where_it_has_none(string? place)
    {
        using var image = new TempDirectory();
        const string Own = "-----BEGIN CERTIFICATE-----\nimage\n-----END CERTIFICATE-----\n";
        if (place is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(image.Path + place)!);
            await File.WriteAllTextAsync(image.Path + place, Own);
        }

        using var authority = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        var laid = await LayAsync(image, authority);
        Assert.EndsWith("\n" + authority.Pem + "\n", laid, StringComparison.Ordinal);
        Assert.StartsWith(place is null ? HostRoots() : Own, laid, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/self/environ")]
    [InlineData("/proc/1/root/etc/passwd")]
    [InlineData("/dev/zero")]
    [InlineData("../../../../../../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public async Task An_image_whose_roots_are_links_gives_nothing_of_the_host(string target)
    {
        using var image = new TempDirectory();
        var place = image.Path + "/etc/ssl/certs/ca-certificates.crt";
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.CreateSymbolicLink(place, target);
        using var authority = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        Assert.Equal($"{HostRoots()}\n{authority.Pem}\n", await LayAsync(image, authority));
    }

    [Fact]
    public async Task An_image_with_too_many_roots_has_those_of_the_host()
    {
        using var image = new TempDirectory();
        var place = image.Path + "/etc/ssl/cert.pem";
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        using var authority = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        await File.WriteAllBytesAsync(place, new byte[TrustBundle.MaxRootsBytes + 1]);
        Assert.Equal($"{HostRoots()}\n{authority.Pem}\n", await LayAsync(image, authority));
        await File.WriteAllBytesAsync(place, [.. Enumerable.Repeat((byte)'a', TrustBundle.MaxRootsBytes)]);
        Assert.StartsWith("aaaa", await LayAsync(image, authority), StringComparison.Ordinal);
    }

    private static string HostRoots() => File.Exists("/etc/ssl/certs/ca-certificates.crt") ? File.ReadAllText("/etc/ssl/certs/ca-certificates.crt") : "";

    // What a program inside reads.
    private static async Task<string> LayAsync(TempDirectory image, SessionAuthority authority)
    {
        File.SetUnixFileMode(image.Path, (UnixFileMode)0x1ED);
        await using var engine = new EngineFixture();
        var sandbox = await engine.CreateAsync(engine.Plan() with { Layers = [image.Path], HasChannel = true });
        await TrustBundle.LayAsync(sandbox, authority);
        using var root = BeneathRoot.OfWholeTree(FileDescriptor.Duplicate(sandbox.Root.Number));
        using var file = new FileDescriptor(root.TryOpenFile("run/strata/ca.pem"u8, out var status));
        Assert.Equal(0x124, status.Mode & 0x1B6 & ~0x80);
        return await Task.Run(() => SandboxRuns.ReadAll(file));
    }
}
