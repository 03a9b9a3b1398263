using System.Text.Json;

namespace Strata.Ipc.Tests;

public sealed class AuthorizationTests : IDisposable
{
    private readonly FakeAuthorizer _authorizer = new();
    private readonly SessionDriver _driver;

    public AuthorizationTests()
    {
        var guarded = new UnaryMethod<TextParams, TextResult>(
            "t.by_name", "Guarded by name.", Access.Right("t.by_name"), TestJson.Default.TextParams, TestJson.Default.TextResult,
            (p, call) => (Reply<TextResult>)new TextResult($"{call.Principal} {p.Text}")) { Resource = p => p.Text };
        _driver = new([.. new TestMethods().All(), guarded], authorizer: _authorizer);
    }

    public void Dispose() => _driver.Dispose();

    [Theory]
    [InlineData("", "no token")]
    [InlineData("\"auth\":{},", "no token")]
    [InlineData("\"auth\":{\"token\":\"forged\"},", "bad token")]
    public void A_missing_or_bad_token_is_reported_before_any_fault_of_params(string auth, string message)
    {
        foreach (var parameters in new[] { "{}", """{"text":5}""", """{"unknown":1}""", """{"text":"forbidden"}""" })
        {
            Call(auth, parameters).AssertError(ErrorCode.Unauthenticated, message);
        }

        Assert.Empty(_authorizer.Principals);
    }

    [Fact]
    public void Params_are_judged_after_the_token_and_before_the_resource()
    {
        const string Good = "\"auth\":{\"token\":\"good\"},";
        Call(Good, "{}").AssertError(ErrorCode.InvalidArgument, "\"text\" is missing");
        Assert.Empty(_authorizer.Principals);
        var denied = Call(Good, """{"text":"forbidden"}""");
        denied.AssertError(ErrorCode.PermissionDenied, "not there");
        Assert.Equal("path", denied.Reason());
        Assert.Equal("good fine", Call(Good, """{"text":"fine"}""").Result().GetProperty("text").GetString());
    }

    [Fact]
    public void A_stream_is_not_offered_before_the_token_is_judged() =>
        _driver.Call("""{"v":1,"req_id":"1","method":"t.guarded","more":true}""").AssertError(ErrorCode.Unauthenticated, "no token");

    [Fact]
    public void A_service_without_an_authorizer_denies_what_is_not_open()
    {
        using var driver = new SessionDriver(new TestMethods().All());
        driver.Call("t.guarded", """{"text":"x"}""").AssertError(ErrorCode.Unauthenticated, "verifies no capabilities");
        Assert.True(driver.Call("t.echo", """{"text":"x"}""").IsOk());
    }

    private JsonElement Call(string auth, string parameters) =>
        _driver.Call($$"""{"v":1,"req_id":"1","method":"t.by_name",{{auth}}"params":{{parameters}}}""");
}
