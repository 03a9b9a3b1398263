namespace Strata.Registry.Tests;

public sealed class EndpointTextTests
{
    [Theory]
    [InlineData("unix:///run/strata/fs.sock")]
    [InlineData("unix:///a")]
    [InlineData("unix:///with space/and.dots..x")]
    [InlineData("unix:///ünïcode")]
    public void Well_formed_endpoints_are_taken(string endpoint) => Assert.Null(EndpointText.FaultOfEndpoint(endpoint));

    [Theory]
    [InlineData("")]
    [InlineData("unix://")]
    [InlineData("unix:///")]
    [InlineData("unix://relative/path")]
    [InlineData("UNIX:///a")]
    [InlineData("http:///a")]
    [InlineData("tcp://127.0.0.1:80")]
    [InlineData(" unix:///a")]
    [InlineData("/run/strata/fs.sock")]
    [InlineData("unix:////double")]
    [InlineData("unix:///a//b")]
    [InlineData("unix:///a/../b")]
    [InlineData("unix:///..")]
    [InlineData("unix:///./a")]
    [InlineData("unix:///a/")]
    [InlineData("unix:///a\0b")]
    [InlineData("unix:///a\nb")]
    [InlineData("unix:///a\u001b[2Jb")]
    [InlineData("unix:///a\u202eb")]
    [InlineData("unix:///a\u2028b")]
    public void Malformed_endpoints_are_refused_with_advice(string endpoint) => Assert.NotNull(EndpointText.FaultOfEndpoint(endpoint));

    [Theory]
    [InlineData(EndpointText.MaxPathBytes, true)]
    [InlineData(EndpointText.MaxPathBytes + 1, false)]
    public void Path_is_no_longer_than_a_socket_address_holds(int bytes, bool isAccepted) =>
        Assert.Equal(isAccepted, EndpointText.FaultOfEndpoint("unix:///" + new string('a', bytes - 1)) is null);

    [Fact]
    public void Path_is_counted_in_bytes_not_characters() =>
        Assert.NotNull(EndpointText.FaultOfEndpoint("unix:///" + new string('ü', EndpointText.MaxPathBytes / 2 + 1)));

    [Theory]
    [InlineData("a")]
    [InlineData("fs")]
    [InlineData("my-service.v2")]
    public void Well_formed_names_are_taken(string name) => Assert.Null(EndpointText.FaultOfName(name));

    [Theory]
    [InlineData("")]
    [InlineData("Fs")]
    [InlineData("2fs")]
    [InlineData("-fs")]
    [InlineData(".fs")]
    [InlineData("fs ")]
    [InlineData("f/s")]
    [InlineData("f_s")]
    [InlineData("fś")]
    [InlineData("fs\n")]
    [InlineData("fs\u202e")]
    public void Malformed_names_are_refused(string name) => Assert.NotNull(EndpointText.FaultOfName(name));

    [Theory]
    [InlineData(EndpointText.MaxNameChars, true)]
    [InlineData(EndpointText.MaxNameChars + 1, false)]
    public void Names_have_a_longest_length(int length, bool isAccepted) =>
        Assert.Equal(isAccepted, EndpointText.FaultOfName(new string('n', length)) is null);
}
