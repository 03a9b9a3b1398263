namespace Strata.Hosting.Tests.Lifecycle;

public sealed class InheritedDescriptorsTests
{
    [Fact]
    public void The_first_is_the_socket_when_it_bears_the_services_name_and_the_rest_was_stored()
    {
        var inherited = From("3", "a:x:x");

        Assert.Equal(3, inherited.Socket);
        Assert.Equal([("x", 4), ("x", 5)], inherited.Stored);
    }

    [Fact]
    public void A_service_without_a_socket_has_only_what_was_stored()
    {
        var inherited = From("1", "x");

        Assert.Null(inherited.Socket);
        Assert.Equal([("x", 3)], inherited.Stored);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", "a", null)]
    [InlineData("1", "a", "1")]
    public void Nothing_is_inherited_unless_it_is_meant_for_this_process(string? count, string? names, string? pid) =>
        Assert.Equal((null, 0), From(count, names, pid) is var inherited ? (inherited.Socket, inherited.Stored.Count) : default);

    [Fact]
    public void One_without_a_name_is_the_socket() => Assert.Equal(3, From("1", null).Socket);

    [Theory]
    [InlineData("0", "a")]
    [InlineData("65", "a")]
    [InlineData("x", "a")]
    [InlineData("-1", "a")]
    [InlineData("2", null)]
    [InlineData("2", "a")]
    [InlineData("1", "a:b")]
    public void What_makes_no_sense_is_named(string count, string? names) =>
        Assert.Contains("LISTEN_FDS", Assert.Throws<SettingsException>(() => From(count, names)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a\nREADY=1")]
    public void A_name_that_would_say_something_else_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => DescriptorKeep.Store(name, 0));
        Assert.Throws<ArgumentException>(() => DescriptorKeep.Forget(name));
    }

    [Fact]
    public void Nothing_is_stored_where_no_supervisor_listens() => Assert.False(DescriptorKeep.Store("x", 0));

    private static InheritedDescriptors From(string? count, string? names, string? pid = null) => InheritedDescriptors.From("a", name => name switch
    {
        "LISTEN_FDS" => count,
        "LISTEN_FDNAMES" => names,
        "LISTEN_PID" => pid,
        _ => null,
    });
}
