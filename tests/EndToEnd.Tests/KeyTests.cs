using System.Text;
using System.Text.RegularExpressions;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>Keys over real processes: rotated under load, revoked after a theft, locked at rest.</summary>
public sealed class KeyTests
{
    private const int Rotations = 100;
    private const string ListHere = """{"path":"."}""";

    [Fact]
    public async Task A_hundred_rotations_under_load_refuse_no_valid_token()
    {
        await using var node = Node.Prepare();
        // A machine that stalls for a quarter of a minute is no matter of keys.
        node.Settings["STRATA_STALENESS_MS"] = "300000";
        await node.LaunchAsync();
        var first = await node.IssueAsync();
        using var done = new CancellationTokenSource();
        Task<long>[] load = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => i % 2 == 0 ? HoldAsync(node, first.Token, done.Token) : RefreshAsync(node, done.Token)))];

        var kids = new HashSet<string>();
        for (var i = 0; i < Rotations; i++)
        {
            var rotated = (await node.CallAsync("identity.rotate")).Get(ContractsJson.Default.RotateResult);
            Assert.Null(rotated.Pending);
            Assert.All(rotated.Keys, key => Assert.True(kids.Add(key.Kid)));
        }

        await done.CancelAsync();
        var calls = await Task.WhenAll(load);
        Assert.All(calls, count => Assert.True(count > Rotations / 10, $"{count} calls beside {Rotations} rotations are no load"));
        TestContext.Current.SendDiagnosticMessage($"{calls.Sum()} calls beside {Rotations} rotations");
        Assert.Null((await node.CallAsync("fs.list", ListHere, first.Token)).Error);
        var keys = (await node.CallAsync("identity.keys")).Get(ContractsJson.Default.KeysResult).Keys;
        Assert.Equal(2, keys.Count(key => key.State == "active"));
        Assert.Equal(["key-v2.101", "key-v4.101"], Directory.GetFiles(Path.Combine(node.RuntimeDir, "state/identity"), "key-v*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task After_a_theft_the_drill_ends_every_old_token_and_services_go_on_by_themselves()
    {
        await using var node = await ServiceCapabilityTests.StartAsync();
        var stolen = await node.IssueAsync();
        var derived = (await node.CallAsync("identity.attenuate", """{"ttl_seconds":60}""", stolen.Token)).Get(ContractsJson.Default.IssueResult);
        var (caller, pid) = (ServiceCapabilityTests.Token(node), await node.PidAsync("caller"));
        var old = SigningOf(await node.CtlAsync("key", "list"));

        (await node.CtlAsync("key", "rotate")).Succeeded();
        Assert.NotEqual(old, SigningOf(await node.CtlAsync("key", "list")));
        Assert.Null((await node.CallAsync("fs.list", ListHere, stolen.Token)).Error);
        Assert.Contains($"revoked all of {old}", (await node.CtlAsync("token", "revoke", "--key", old)).Succeeded().Output, StringComparison.Ordinal);

        foreach (var token in new[] { stolen.Token, derived.Token, caller })
        {
            Assert.Equal("revoked", (await node.CallAsync("fs.list", ListHere, token)).Error?.Reason);
        }

        await Strata.Tests.Patience.UntilAsync(() => ServiceCapabilityTests.Token(node) != caller);
        Assert.Contains("hello.txt", await ServiceCapabilityTests.TryAsync(node, "fs.list", ServiceCapabilityTests.ListOf(node.DataDir)), StringComparison.Ordinal);
        Assert.Equal(pid, await node.PidAsync("caller"));
        Assert.Null((await node.CallAsync("fs.list", ListHere, (await node.IssueAsync()).Token)).Error);

        // It holds after everything was killed.
        Node.Signal(await node.PidAsync("identity"), Linux.Signal.SIGKILL);
        await node.WaitForStateAsync("identity", "Healthy");
        Assert.Equal("revoked", (await ServiceCapabilityTests.IntrospectAsync(node, stolen.Token)).Reason);
    }

    [Fact]
    public async Task What_was_revoked_by_its_subject_is_not_issued_anew()
    {
        await using var node = await ServiceCapabilityTests.StartAsync();
        var token = ServiceCapabilityTests.Token(node);
        (await node.CtlAsync("token", "revoke", "--subject", "service:caller")).Succeeded();
        Assert.Equal("revoked", (await ServiceCapabilityTests.IntrospectAsync(node, token)).Reason);

        // The supervisor has heard of a later revocation as well, which would bring new ones if this had been meant to.
        (await node.CtlAsync("token", "revoke", "--subject", "nobody")).Succeeded();
        Assert.Equal(token, ServiceCapabilityTests.Token(node));
    }

    [Fact]
    public async Task Plain_keys_are_locked_at_the_next_start_and_open_by_the_right_passphrase_only()
    {
        await using var node = await Node.StartAsync();
        var issued = await node.IssueAsync();
        await node.StopAsync();
        Assert.All(KeyFiles(node), text => Assert.Matches("^strata-(audit-)?key 1 (v[24] )?[0-9a-f]{64} [0-9a-f]{64}\n$", text));

        // As systemd does it: a credential of the supervisor, and no variable.
        var credentials = Directory.CreateDirectory(Path.Combine(node.Folder, "credentials"), (UnixFileMode)0x1C0).FullName;
        node.Settings["CREDENTIALS_DIRECTORY"] = credentials;
        Write(Path.Combine(credentials, "strata.identity-passphrase"), "correct horse battery staple\n");
        await node.LaunchAsync();
        Assert.Equal(3, KeyFiles(node).Count);
        Assert.All(KeyFiles(node), text => Assert.Matches("^strata-(audit-)?key 1 (v[24] )?k[24]\\.secret-pw\\.", text));
        Assert.Null((await node.CallAsync("fs.list", ListHere, issued.Token)).Error);
        (await node.CtlAsync("key", "rotate")).Succeeded();
        Assert.All(KeyFiles(node), text => Assert.Contains(".secret-pw.", text, StringComparison.Ordinal));
        Assert.Contains("STRATA_IDENTITY_PASSPHRASE_FILE", await EnvironmentOfAsync(node, "identity"), StringComparison.Ordinal);
        Assert.DoesNotContain("PASSPHRASE", await EnvironmentOfAsync(node, "fs"), StringComparison.Ordinal);
        await node.StopAsync();

        // By a variable, from a file that only identity's confinement lets in, and another passphrase: the one before opens them once more.
        node.Settings["CREDENTIALS_DIRECTORY"] = null;
        node.Settings["STRATA_IDENTITY_PASSPHRASE_FILE"] = Write(Path.Combine(node.Folder, "new"), "another passphrase");
        node.Start();
        await Strata.Tests.Patience.UntilAsync(() => node.Log.Contains("does not open with the passphrase", StringComparison.Ordinal));
        await Strata.Tests.Patience.UntilAsync(async () => (await node.CtlAsync("svc", "explain", "identity")).Output.Contains("exited with code 78", StringComparison.Ordinal));
        await node.StopAsync();

        node.Settings["STRATA_IDENTITY_OLD_PASSPHRASE_FILE"] = Write(Path.Combine(node.Folder, "old"), "correct horse battery staple");
        await node.LaunchAsync();
        await node.StopAsync();
        node.Settings["STRATA_IDENTITY_OLD_PASSPHRASE_FILE"] = null;
        await node.LaunchAsync();
        Assert.Null((await node.CallAsync("fs.list", ListHere, issued.Token)).Error);
    }

    private static string Write(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static List<string> KeyFiles(Node node) =>
        [.. Directory.GetFiles(Path.Combine(node.RuntimeDir, "state/identity"), "key-*").Select(File.ReadAllText)];

    private static async Task<string> EnvironmentOfAsync(Node node, string service) =>
        Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"/proc/{await node.PidAsync(service)}/environ"));

    private static string SigningOf(CommandResult list) => Regex.Match(list.Succeeded().Output, @"^(\S+) +v[24] +active +yes", RegexOptions.Multiline).Groups[1].Value;

    /// <summary>A client that keeps one token and one connection.</summary>
    private static async Task<long> HoldAsync(Node node, string token, CancellationToken done)
    {
        await using var client = await node.ConnectAsync("fs");
        var calls = 0L;
        for (; !done.IsCancellationRequested; calls++)
        {
            var answer = await client.SendAsync(new RpcRequest("fs.list") { Params = Encoding.UTF8.GetBytes(ListHere), Token = token, Deadline = Node.Patience }, CancellationToken.None);
            Assert.True(answer.Error is null, $"call {calls}: {answer.Error?.Message} ({answer.Error?.Reason})");
        }

        return calls;
    }

    /// <summary>A client that gets a new token for every call, and so meets every key at its first use.</summary>
    private static async Task<long> RefreshAsync(Node node, CancellationToken done)
    {
        await using var client = await node.ConnectAsync("fs");
        var calls = 0L;
        for (; !done.IsCancellationRequested; calls++)
        {
            var token = (await node.IssueAsync()).Token;
            var answer = await client.SendAsync(new RpcRequest("fs.list") { Params = Encoding.UTF8.GetBytes(ListHere), Token = token, Deadline = Node.Patience }, CancellationToken.None);
            Assert.True(answer.Error is null, $"call {calls}: {answer.Error?.Message} ({answer.Error?.Reason})");
        }

        return calls;
    }
}
