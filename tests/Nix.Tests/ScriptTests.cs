namespace Strata.Nix.Tests;

/// <summary>The scripts that the module adds to the unit and to a switch, beside a node that runs.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly ScriptNode _node = new();

    public ScriptTests() => NixEvaluator.Require();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Templates_hold_from_the_first_start_on_and_follow_the_configuration()
    {
        var (before, after, first) = await ScriptsAsync("templates.reader = { service = \"fs\"; rights = [ \"fs.read\" ]; };");
        await RunAsync(before, first);
        Assert.False(Directory.Exists(_node.State), "the first to write into new state must be the node");
        await _node.StartAsync();
        await RunAsync(after, first);
        await Patience.UntilAsync(async () => (await _node.TryCtlAsync("token", "issue", "--template", "reader", "--subject", "a", "-q")).Code == 0);
        Assert.Contains("\"format\"", await File.ReadAllTextAsync(Path.Combine(_node.State, "format.json")), StringComparison.Ordinal);
        await _node.StopAsync();

        var (beforeNext, afterNext, next) = await ScriptsAsync("templates.lister = { service = \"fs\"; rights = [ \"fs.list\" ]; };");
        await RunAsync(beforeNext, next);
        await _node.StartAsync();
        var identity = await _node.CtlAsync("identity.ping");
        await RunAsync(afterNext, next);
        Assert.Equal(Pid(identity), Pid(await _node.CtlAsync("identity.ping")));
        Assert.NotEmpty(await _node.CtlAsync("token", "issue", "--template", "lister", "--subject", "a", "-q"));
        Assert.DoesNotContain("reader", await File.ReadAllTextAsync(Path.Combine(_node.State, "identity/templates.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_to_a_version_that_does_not_know_the_state_fails_and_leaves_it_alone()
    {
        var check = (await NixOs.WithAsync(""))["checks"].GetProperty("strata").GetString()!;
        await RunAsync(check, "");

        Directory.CreateDirectory(_node.State, (UnixFileMode)0x1C0);
        var format = Path.Combine(_node.State, "format.json");
        await File.WriteAllTextAsync(format, """{"format":1,"written_by":"0.1.0"}""");
        await RunAsync(check, "");

        await File.WriteAllTextAsync(format, """{"format":99,"written_by":"9.0.0"}""");
        var (text, code) = await _node.ScriptAsync(check, "");
        Assert.NotEqual(0, code);
        Assert.Contains("99", text, StringComparison.Ordinal);
        Assert.Equal(["format.json"], Directory.EnumerateFileSystemEntries(_node.State).Select(Path.GetFileName));
    }

    private static string Pid(string pong) => pong.Split("\"pid\":")[1].Split(',', '\n')[0].Trim();

    private static async Task<(string Before, string After, string Templates)> ScriptsAsync(string options)
    {
        var machine = await NixOs.WithAsync(options);
        return (machine["unit"].GetProperty("preStart").GetString()!, machine["unit"].GetProperty("postStart").GetString()!, machine.Texts("restarts")[1]);
    }

    private async Task RunAsync(string script, string templates)
    {
        var (text, code) = await _node.ScriptAsync(script, templates);
        Assert.True(code == 0, text);
    }
}
