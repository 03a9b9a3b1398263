namespace Strata.Sandbox.Tests;

public sealed class SessionKeyTests
{
    [Fact]
    public void Owner_and_name_are_never_joined() =>
        Assert.NotEqual(new SessionKey("a:b", "c"), new SessionKey("a", "b:c"));
}
