using System.Text.Json;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests.Capabilities;

/// <summary>Capabilities of services over their whole life, by a clock that only moves when told to.</summary>
public sealed class CapabilityKeeperTests : IDisposable
{
    private const uint Nobody = 65534;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly TempDirectory _dir = new();
    private readonly ManualTime _time = new();
    private readonly FakeIssuer _identity;
    private readonly MemoryStream _log = new();
    private readonly NodeSettings _settings;
    private readonly CapabilityKeeper _keeper;

    public CapabilityKeeperTests()
    {
        _identity = new FakeIssuer(_time);
        _settings = new NodeSettings { RuntimeDir = _dir["run"], StateDir = _dir["state"], NodeId = "n" };
        Directory.CreateDirectory(_settings.RuntimeDir);
        Directory.CreateDirectory(_settings.StateDir);
        _keeper = Keeper();
    }

    private static ServiceManifest Thumbs { get; } = TestNode.Stub("thumbs") with
    {
        Capabilities =
        [
            new HeldCapability { Service = "fs", Rights = ["fs.open", "fs.read"], PathPrefix = "/srv", RateLimit = "5rps" },
            new HeldCapability { Service = "greeter", Rights = ["greeter.hello"] },
        ],
    };

    public void Dispose() => _dir.Dispose();

    [Fact]
    public async Task What_is_asked_of_identity_is_exactly_what_the_manifest_says()
    {
        await _keeper.GrantAsync(Thumbs, 1, null);

        var (fs, greeter) = (_identity.Asked.First(), _identity.Asked.Last());
        Assert.Equal(("fs", "/srv", "5rps", 3600, "service:thumbs", (IReadOnlyList<string>?)null), (fs.Service, fs.PathPrefix, fs.RateLimit, fs.TtlSeconds, fs.Subject, fs.Actions));
        Assert.Equal(["fs.open", "fs.read"], fs.Rights!);
        Assert.Equal(("greeter", (string?)null, (string?)null), (greeter.Service, greeter.PathPrefix, greeter.RateLimit));
        Assert.Equal(["greeter.hello"], greeter.Rights!);
    }

    [Fact]
    public async Task The_file_holds_a_token_for_each_service_and_only_its_user_may_read_it()
    {
        var path = await _keeper.GrantAsync(Thumbs, 1, UserId.Effective == 0 ? new ProcessUser(Nobody, Nobody) : null);

        Assert.Equal(Path.Combine(_settings.RuntimeDir, "capabilities/thumbs/1.json"), path);
        var tokens = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path!), ContractsJson.Default.IReadOnlyDictionaryStringHeldToken)!;
        Assert.Equal(("token1", "/srv", "5rps"), (tokens["fs"].Token, tokens["fs"].Constraints!.PathPrefix, tokens["fs"].Constraints!.RateLimit));
        Assert.Equal(("token2", null), (tokens["greeter"].Token, tokens["greeter"].Constraints));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(path!));
        Assert.Equal(0, FileStatus.TryGetNoFollow(path!, out var status));
        Assert.Equal(UserId.Effective == 0 ? Nobody : UserId.Effective, status.Uid);
        Assert.DoesNotContain(Directory.EnumerateFiles(_settings.StateDir, "*", SearchOption.AllDirectories), f => File.ReadAllText(f).Contains("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_user_can_neither_read_the_file_nor_list_or_change_its_directory()
    {
        if (UserId.Effective != 0)
        {
            return;
        }

        var path = await _keeper.GrantAsync(Thumbs, 1, new ProcessUser(Nobody, Nobody));
        foreach (var directory in new[] { _dir.Path, _settings.RuntimeDir })
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0x1ED);
        }

        var folder = Path.GetDirectoryName(path)!;
        Assert.Equal("", await AsUserAsync(Nobody, $"cat {path} > /dev/null"));
        Assert.Contains("Permission denied", await AsUserAsync(1234, $"cat {path}"), StringComparison.Ordinal);
        Assert.Contains("Permission denied", await AsUserAsync(1234, $"ls {folder}"), StringComparison.Ordinal);
        Assert.Contains("Permission denied", await AsUserAsync(Nobody, $"mv {path} {folder}/2.json"), StringComparison.Ordinal);
        Assert.Contains("Permission denied", await AsUserAsync(Nobody, $"echo > {path}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capabilities_are_renewed_at_half_their_life_and_the_old_ones_stay_good_meanwhile()
    {
        var path = (await _keeper.GrantAsync(Thumbs, 1, null))!;
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _time.Advance((Lifetime / 2) - TimeSpan.FromSeconds(1));
        Assert.Contains("\"token1\"", await File.ReadAllTextAsync(path), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => File.ReadAllText(path).Contains("\"token3\"", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(path));
        Assert.Empty(_identity.Revoked);
        Assert.Null(_keeper.Of("thumbs")!.Trouble);
    }

    [Fact]
    public async Task An_identity_that_is_down_at_renewal_is_asked_again_and_that_is_told_once()
    {
        var path = (await _keeper.GrantAsync(Thumbs, 1, null))!;
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _identity.IsDown = true;
        _time.Advance(Lifetime / 2);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await Patience.UntilAsync(() => _time.ArmedTimers == 1);
            Assert.Equal("identity is down", _keeper.Of("thumbs")!.Trouble);
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _identity.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(30));
        await Patience.UntilAsync(() => File.ReadAllText(path).Contains("\"token3\"", StringComparison.Ordinal) && _keeper.Of("thumbs")!.Trouble is null);
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        var told = System.Text.Encoding.UTF8.GetString(_log.ToArray());
        Assert.Equal(2, told.Split("could not be renewed").Length);
        Assert.Equal(2, told.Split("are renewed").Length);
    }

    [Fact]
    public async Task What_an_ended_instance_held_is_gone_and_revoked_also_what_it_held_before()
    {
        using var stop = new CancellationTokenSource();
        var running = _keeper.RunAsync(stop.Token);
        var path = (await _keeper.GrantAsync(Thumbs, 1, null))!;
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _time.Advance(Lifetime / 2);
        await Patience.UntilAsync(() => File.ReadAllText(path).Contains("\"token3\"", StringComparison.Ordinal));

        _keeper.Withdraw("thumbs", 1);
        Assert.False(File.Exists(path));
        Assert.Null(_keeper.Of("thumbs"));
        await Patience.UntilAsync(() => _identity.Revoked.Count == 4);
        Assert.Equal(["id1", "id2", "id3", "id4"], _identity.Revoked.Order());
        await Patience.UntilAsync(() => _time.ArmedTimers == 0 && Ledger.Length == 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Soon());
    }

    [Fact]
    public async Task Each_instance_has_capabilities_of_its_own()
    {
        await _keeper.GrantAsync(Thumbs, 1, null);
        var next = (await _keeper.GrantAsync(Thumbs, 2, null))!;
        using var stop = new CancellationTokenSource();
        _ = _keeper.RunAsync(stop.Token);
        _keeper.Withdraw("thumbs", 1);
        await Patience.UntilAsync(() => _identity.Revoked.Count == 2);

        Assert.Contains("\"token3\"", await File.ReadAllTextAsync(next), StringComparison.Ordinal);
        Assert.Equal(["id1", "id2"], _identity.Revoked.Order());
        Assert.Equal(2, _keeper.Of("thumbs")!.Incarnation);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_start_fails_while_identity_is_down_and_leaves_nothing_behind()
    {
        _identity.IsDown = true;
        var refused = await Assert.ThrowsAsync<UngrantedException>(() => _keeper.GrantAsync(Thumbs, 1, null));

        Assert.Equal("identity is down", refused.Message);
        Assert.Null(_keeper.Of("thumbs"));
        Assert.Equal(0, _time.ArmedTimers);
        Assert.Empty(Ledger);
    }

    [Fact]
    public async Task A_start_does_not_wait_for_ever_for_identity()
    {
        _identity.Held = new TaskCompletionSource();
        var waiting = _keeper.GrantAsync(Thumbs, 1, null);
        _time.Advance(CapabilityKeeper.GrantTimeout);
        var refused = await Assert.ThrowsAsync<UngrantedException>(() => waiting.Soon());
        Assert.Contains("did not answer within 3 s", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_for_an_instance_that_has_ended_meanwhile_is_shown_to_nobody()
    {
        var path = (await _keeper.GrantAsync(Thumbs, 1, null))!;
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _identity.Held = new TaskCompletionSource();
        _time.Advance(Lifetime / 2);
        _keeper.Withdraw("thumbs", 1);
        _identity.Held.SetResult();
        await Patience.UntilAsync(() => _time.ArmedTimers == 0);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task What_an_earlier_supervisor_handed_out_is_removed_and_revoked_by_the_next_once_identity_answers()
    {
        var path = (await _keeper.GrantAsync(Thumbs, 1, null))!;
        _identity.IsDown = true;
        var next = Keeper();
        next.Clear();
        Assert.False(File.Exists(path));
        using var stop = new CancellationTokenSource();
        _ = next.RunAsync(stop.Token);
        await Patience.UntilAsync(() => Told.Contains("not revoked yet", StringComparison.Ordinal));
        Assert.NotEmpty(Ledger);

        _identity.IsDown = false;
        await Patience.UntilAsync(() => _time.ArmedTimers == 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => Ledger.Length == 0);
        Assert.Equal(["id1", "id2"], _identity.Revoked.Order());
        await stop.CancelAsync();
    }

    [Fact]
    public async Task What_has_expired_need_not_be_revoked()
    {
        await _keeper.GrantAsync(Thumbs, 1, null);
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _identity.IsDown = true;
        _time.Advance(Lifetime);
        _identity.IsDown = false;
        var next = Keeper();
        using var stop = new CancellationTokenSource();
        _ = next.RunAsync(stop.Token);
        await Patience.UntilAsync(() => Ledger.Length == 0);
        Assert.Empty(_identity.Revoked);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_service_without_capabilities_has_no_file_and_the_node_no_timer()
    {
        Assert.Null(await _keeper.GrantAsync(TestNode.Stub("plain"), 1, null));
        using var stop = new CancellationTokenSource();
        _ = _keeper.RunAsync(stop.Token);
        _keeper.Withdraw("plain", 1);

        Assert.Equal(0, _time.ArmedTimers);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_settings.RuntimeDir));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_settings.StateDir));
        await stop.CancelAsync();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(1000, 30)]
    public void The_wait_between_attempts_doubles_up_to_half_a_minute(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RenewalPlan.Retry(failures));

    [Theory]
    [InlineData(null, null, 3600)]
    [InlineData("10", null, 10)]
    [InlineData("86400", "7200", 7200)]
    [InlineData(null, "60", 60)]
    public void Capabilities_live_as_long_as_the_environment_says_but_never_longer_than_identity_issues(string? wanted, string? most, int seconds)
    {
        var plan = RenewalPlan.From(name => name == RenewalPlan.LifetimeVariable ? wanted : name == "STRATA_MAX_TTL_SECONDS" ? most : null, Plan(BuiltInManifests.Identity));
        Assert.Equal((seconds, seconds / 2.0), (plan.Lifetime.TotalSeconds, plan.UntilRenewal.TotalSeconds));
        var manifest = BuiltInManifests.Identity with { Environment = BuiltInManifests.Identity.Environment.Add("STRATA_MAX_TTL_SECONDS", "30") };
        Assert.Equal(Math.Min(seconds, 30), RenewalPlan.From(name => name == RenewalPlan.LifetimeVariable ? wanted : null, Plan(manifest)).Lifetime.TotalSeconds);
    }

    [Theory]
    [InlineData("9")]
    [InlineData("86401")]
    [InlineData("1h")]
    public void An_unusable_lifetime_is_refused(string value) =>
        Assert.Throws<SettingsException>(() => RenewalPlan.From(name => name == RenewalPlan.LifetimeVariable ? value : null, Plan(BuiltInManifests.Identity)));

    private string[] Ledger => Directory.Exists(Path.Combine(_settings.StateDir, "capabilities")) ? Directory.GetFiles(Path.Combine(_settings.StateDir, "capabilities")) : [];

    private string Told => System.Text.Encoding.UTF8.GetString(_log.ToArray());

    private static NodePlan Plan(ServiceManifest manifest) => NodePlan.TryCreate([manifest], out var plan, out _) ? plan : throw new InvalidOperationException();

    private CapabilityKeeper Keeper() => new(_settings, new RenewalPlan(Lifetime), _identity, _time, new LogfmtLogger("supervisor", _log, _time));

    private static async Task<string> AsUserAsync(uint uid, string command)
    {
        var start = new System.Diagnostics.ProcessStartInfo("setpriv", [$"--reuid={uid}", $"--regid={uid}", "--clear-groups", "sh", "-c", command])
        {
            RedirectStandardError = true, WorkingDirectory = "/",
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync().Soon();
        await process.WaitForExitAsync().Soon();
        return said;
    }
}
