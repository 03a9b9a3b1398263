using System.Text;
using Strata.Policy;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

/// <summary>Keys of holders: made, bound to, signed with.</summary>
public sealed class HolderKeyTests : IAsyncDisposable
{
    private const string Issued = """{"token":"v2.public.x","cap_id":"c1","expires":4102444800}""";

    private readonly FakeNode _node = new FakeNode("registry", "identity", "fs").On("identity.issue", Issued).On("identity.attenuate", Issued).On("fs.hash", "{}");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private string File(string name) => Path.Join(_node.Directory, name);

    [Fact]
    public async Task A_new_key_is_the_owners_alone_and_its_public_half_is_printed()
    {
        var run = await CtlRun.Of(_node, "key", "new", File("agent.key"));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File("agent.key")));
        Assert.True(HolderKeyPem.TryReadPublic(await System.IO.File.ReadAllTextAsync(File("agent.key")), Ed25519Provider.Create(), out var key));
        Assert.Equal(key.Value + "\n", run.Output);
    }

    [Fact]
    public async Task A_key_is_never_overwritten_and_no_link_is_followed()
    {
        await CtlRun.Of(_node, "key", "new", File("agent.key"));
        var before = await System.IO.File.ReadAllTextAsync(File("agent.key"));
        System.IO.File.CreateSymbolicLink(File("link.key"), File("elsewhere.key"));

        var again = await CtlRun.Of(_node, "key", "new", File("agent.key"));
        var link = await CtlRun.Of(_node, "key", "new", File("link.key"));
        var nowhere = await CtlRun.Of(_node, "key", "new", File("no/such/agent.key"));

        Assert.Equal((2, 2, 2), (again.Code, link.Code, nowhere.Code));
        Assert.Contains("never overwritten", again.Error, StringComparison.Ordinal);
        Assert.Contains("cannot write", nowhere.Error, StringComparison.Ordinal);
        Assert.Equal(before, await System.IO.File.ReadAllTextAsync(File("agent.key")));
        Assert.False(System.IO.File.Exists(File("elsewhere.key")));
    }

    [Fact]
    public async Task Issue_binds_to_a_key_by_its_text_or_its_file()
    {
        var key = (await CtlRun.Of(_node, "--json", "key", "new", File("agent.key"))).Json.GetProperty("holder_key").GetString()!;

        await CtlRun.Of(_node, "token", "issue", "--service", "fs", "--rights", "fs.read", "--ttl", "10m", "--bind-key", key, "--once");
        await CtlRun.Of(_node, "token", "attenuate", "--token", "v2.public.mine", "--bind-key", File("agent.key"));
        var wrong = await CtlRun.Of(_node, "token", "attenuate", "--token", "v2.public.mine", "--bind-key", _node.SocketOf("nothing"));

        Assert.Equal(
            $$"""{"service":"fs","rights":["fs.read"],"ttl_seconds":600,"subject":"capability","once":true,"holder_key":"{{key}}"}""",
            _node.Only("identity.issue").Params.GetRawText());
        Assert.Equal($$"""{"holder_key":"{{key}}"}""", _node.Only("identity.attenuate").Params.GetRawText());
        Assert.Equal(2, wrong.Code);
        Assert.Contains("--bind-key", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_with_a_bound_token_is_signed(bool byOption)
    {
        var (token, key) = await BoundAsync();
        string[] args = ["call", "fs.hash", """{"path":"a"}""", "--token", token];
        var settings = byOption ? new CtlSettings() : new CtlSettings { Variables = { ["STRATA_HOLDER_KEY_FILE"] = File("agent.key") } };
        await CtlRun.Of(_node, settings, byOption ? [.. args, "--holder-key", File("agent.key")] : args);

        AssertSigned(_node.Only("fs.hash"), token, key);
    }

    [Fact]
    public async Task The_compatible_form_signs_by_the_environment()
    {
        var (token, key) = await BoundAsync();
        var settings = new CtlSettings { Variables = { ["STRATA_HOLDER_KEY_FILE"] = File("agent.key") } };
        await CtlRun.Of(_node, settings, "-token", token, "fs.hash", """{"path":"a"}""");

        AssertSigned(_node.Only("fs.hash"), token, key);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_none_goes_unsigned()
    {
        await CtlRun.Of(_node, "key", "new", File("agent.key"));
        var token = FakeToken.Of("""{"constraints":{"uid":7}}""");
        await CtlRun.Of(_node, "call", "fs.hash", "--token", token, "--holder-key", File("agent.key"));

        Assert.False(_node.Only("fs.hash").Json.GetProperty("auth").TryGetProperty("proof", out _));
    }

    [Fact]
    public async Task Without_the_key_the_answer_says_what_is_missing()
    {
        var (token, _) = await BoundAsync();
        _node.On("fs.hash", _ => FakeAnswer.Error(2, "UNAUTHENTICATED", "sign", "proof_missing"));
        var run = await CtlRun.Of(_node, "call", "fs.hash", "--token", token);

        Assert.Equal(1, run.Code);
        Assert.Contains("--holder-key FILE or STRATA_HOLDER_KEY_FILE", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_the_tokens_is_not_used()
    {
        var (token, key) = await BoundAsync();
        await CtlRun.Of(_node, "key", "new", File("other.key"));
        await System.IO.File.WriteAllTextAsync(File("no.key"), "nothing");
        var other = await CtlRun.Of(_node, "call", "fs.hash", "--token", token, "--holder-key", File("other.key"));
        var none = await CtlRun.Of(_node, "call", "fs.hash", "--token", token, "--holder-key", File("no.key"));
        var lost = await CtlRun.Of(_node, "call", "fs.hash", "--token", token, "--holder-key", File("lost.key"));

        Assert.Equal((2, 2, 2), (other.Code, none.Code, lost.Code));
        Assert.Contains(key, other.Error, StringComparison.Ordinal);
        Assert.Contains("strata-ctl key new", none.Error, StringComparison.Ordinal);
        Assert.Contains("cannot read", lost.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_node.Requests, r => r.Method == "fs.hash");
    }

    [Fact]
    public async Task A_key_file_that_others_can_read_is_used_with_a_warning()
    {
        var (token, key) = await BoundAsync();
        System.IO.File.SetUnixFileMode(File("agent.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var run = await CtlRun.Of(_node, "call", "fs.hash", """{"path":"a"}""", "--token", token, "--holder-key", File("agent.key"));

        Assert.Contains("chmod 600", run.Error, StringComparison.Ordinal);
        AssertSigned(_node.Only("fs.hash"), token, key);
    }

    private static void AssertSigned(FakeRequest request, string token, string key)
    {
        Assert.True(HolderKey.TryParse(key, out var holder, out _));
        var proof = request.Json.GetProperty("auth").GetProperty("proof");
        var time = proof.GetProperty("time").GetInt64();
        var call = new SignedCall
        {
            Service = "fs"u8, ReqId = Encoding.UTF8.GetBytes(request.ReqId), Method = "fs.hash"u8, Params = Encoding.UTF8.GetBytes(request.Params.GetRawText()),
            Token = Encoding.UTF8.GetBytes(token), TimeMs = time,
        };
        var claims = new CapabilityClaims
        {
            Issuer = "i", Audience = "strata", CapabilityId = "00112233445566778899aabbccddeeff", IssuedAt = default, ExpiresAt = default, Service = "fs",
            Constraints = new() { HolderKey = holder },
        };
        var at = DateTimeOffset.FromUnixTimeMilliseconds(time);
        var verifier = new ProofVerifier(Ed25519Provider.Create(), new ReplayWindow(at.AddHours(-1)));
        Assert.Equal(ProofStatus.Valid, verifier.Check(claims, call, Encoding.ASCII.GetBytes(proof.GetProperty("sig").GetString()!), at));
    }

    private async Task<(string Token, string Key)> BoundAsync()
    {
        var key = (await CtlRun.Of(_node, "key", "new", File("agent.key"))).Output.Trim();
        return (FakeToken.Of($$$"""{"constraints":{"holder_key":"{{{key}}}"}}"""), key);
    }
}
