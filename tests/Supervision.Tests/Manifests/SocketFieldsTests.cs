using System.Text;

namespace Strata.Supervision.Tests.Manifests;

/// <summary>What a manifest says about its listening socket.</summary>
public sealed class SocketFieldsTests
{
    [Fact]
    public void Mode_group_and_backlog_are_read()
    {
        var socket = Read("""{ "name": "own.sock", "mode": "0640", "group": "adm", "backlog": 16 }""").Manifest.Socket!;

        Assert.Equal((0x1A0, "adm", 16), (socket.Mode, socket.Group, socket.Backlog));
    }

    [Theory]
    [InlineData("\"660\"", 0x1B0)]
    [InlineData("\"0660\"", 0x1B0)]
    [InlineData("\"000\"", 0)]
    [InlineData("\"0777\"", 0x1FF)]
    public void A_mode_is_octal_with_or_without_a_leading_zero(string text, int mode) =>
        Assert.Equal(mode, Read($$"""{ "mode": {{text}} }""").Manifest.Socket!.Mode);

    [Theory]
    [InlineData("\"68\"")]
    [InlineData("\"66\"")]
    [InlineData("\"0668\"")]
    [InlineData("\"1660\"")]
    [InlineData("\"00660\"")]
    [InlineData("660")]
    public void Anything_else_is_a_fault_that_shows_how_a_mode_is_written(string text)
    {
        var fault = Assert.Single(Read($$"""{ "mode": {{text}} }""").Faults);

        Assert.Equal("socket.mode", fault.Field);
        Assert.Contains("such as \"0660\"", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_a_service_without_a_socket()
    {
        var document = Read("null");

        Assert.Empty(document.Faults);
        Assert.Null(document.Manifest.EffectiveSocketName);
        Assert.Empty(ManifestValidator.Validate(document.Manifest));
    }

    [Fact]
    public void Null_in_place_of_any_other_object_is_a_fault() =>
        Assert.Equal("readiness", Assert.Single(ReadWhole("""{ "name": "a", "exec": ["/bin/a"], "readiness": null }""").Faults).Field);

    [Fact]
    public void Readiness_by_a_socket_that_is_not_there_is_impossible_and_the_fault_says_so()
    {
        var fault = Assert.Single(ManifestValidator.Validate(Node.Service("a") with { Socket = null, Readiness = new ReadinessPolicy { Method = ReadinessMethod.Connection } }));

        Assert.Contains("impossible: it has no socket", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_registry_and_built_in_services_keep_their_sockets()
    {
        Assert.Equal("socket", Assert.Single(ManifestValidator.Validate(Node.Service("registry") with { Socket = null })).Field);
        var file = new ManifestFile("fs" + ManifestFile.Suffix, Encoding.UTF8.GetBytes("""{ "name": "fs", "socket": null }"""));
        Assert.NotEmpty(NodeConfiguration.Read([file]).Faults);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-x")]
    public void A_group_that_cannot_be_one_is_a_fault(string group) =>
        Assert.Equal("socket.group", Assert.Single(ManifestValidator.Validate(With(new SocketPolicy { Group = group }))).Field);

    [Theory]
    [InlineData(-1)]
    [InlineData(0x200)]
    public void A_mode_outside_the_permission_bits_is_a_fault_also_without_a_file(int mode) =>
        Assert.Equal("socket.mode", Assert.Single(ManifestValidator.Validate(With(new SocketPolicy { Mode = mode }))).Field);

    [Fact]
    public void A_oneshot_has_no_socket_to_describe() =>
        Assert.Equal("socket", Assert.Single(ManifestValidator.Validate(With(new SocketPolicy { Backlog = 1 }) with { Kind = ServiceKind.Oneshot })).Field);

    private static ServiceManifest With(SocketPolicy socket) => Node.Service("a") with { Socket = socket };

    private static ManifestDocument Read(string socket) => ReadWhole($$"""{ "name": "a", "exec": ["/bin/a"], "socket": {{socket}} }""");

    private static ManifestDocument ReadWhole(string text) =>
        ManifestReader.Read(new ManifestFile("a" + ManifestFile.Suffix, Encoding.UTF8.GetBytes(text)));
}
