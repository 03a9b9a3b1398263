using Strata.Contracts;
using Strata.Policy;
using KeyItem = Strata.Contracts.VerificationKey;
using RevokedItem = Strata.Contracts.RevokedCapability;

namespace Strata.Hosting.Tests.Authorization;

public sealed class IdentityFeedTests : IAsyncDisposable
{
    private static readonly TimeSpan Staleness = TimeSpan.FromSeconds(15);

    private readonly TestDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly TestLog _log = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IdentityFeed _feed;
    private readonly Task _running;
    private FakeIdentity _identity;

    public IdentityFeedTests()
    {
        _identity = new FakeIdentity(_directory["identity.sock"]);
        _feed = new IdentityFeed("fs", _directory.Settings, _time, _log, Staleness);
        _running = _feed.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.Soon();
        await _identity.DisposeAsync();
        _stopping.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Snapshot_in_pieces_is_relied_on_only_when_it_is_whole()
    {
        var watch = await _identity.NextWatchAsync();
        Assert.Equal("fs", watch.Verifier);
        watch.Items.TryWrite(new WatchItem("snapshot", 7, "w1", Keys: [Key()], Revoked: [Revoked(1)]));
        watch.Items.TryWrite(new WatchItem("heartbeat", 7));
        await Patience.UntilAsync(() => _feed.Verifier.Keys.Keys.Length == 1);
        // A key without the revocations would let revoked capabilities in.
        Assert.False(_feed.IsFresh);
        Assert.False(_feed.FirstSnapshot.IsCompleted);
        watch.Items.TryWrite(new WatchItem("snapshot", 7, Revoked: [Revoked(2)]));
        watch.Items.TryWrite(new WatchItem("snapshot", 7, Revoked: [Revoked(3)], Complete: true));
        await _feed.FirstSnapshot.Soon();
        Assert.True(_feed.IsFresh);
        Assert.All([1, 2, 3], i => Assert.Equal(RevocationStatus.Revoked, Status(i)));
        Assert.Equal(RevocationStatus.Active, Status(4));
        Assert.Equal(new ConfirmParams("w1", 7), await _identity.NextConfirmAsync());
    }

    [Fact]
    public async Task Rules_of_a_snapshot_and_of_a_change_are_in_force_and_one_that_is_not_known_is_never_confirmed()
    {
        var watch = await _identity.NextWatchAsync();
        watch.Items.TryWrite(new WatchItem("snapshot", 1, "w1", Keys: [Key()], Rules: [new RevokedRule("subject", "alice", 1, 4102444800)], Complete: true));
        await _feed.FirstSnapshot.Soon();
        Assert.Equal("alice", Assert.Single(_feed.Revocations.Rules).Value);
        watch.Items.TryWrite(new WatchItem("change", 2, Rules: [new RevokedRule("template", "agent", 1, 4102444800)]));
        await Patience.UntilAsync(() => _feed.Revocations.Rules.Any(r => r.Value == "agent"));
        watch.Items.TryWrite(new WatchItem("change", 3, Rules: [new RevokedRule("phase_of_moon", "full", 1, 4102444800)]));
        // The feed gives the connection up rather than go on with less than identity said.
        await ReconnectAsync();
    }

    [Fact]
    public async Task Change_is_in_force_before_it_is_confirmed_and_told()
    {
        var told = 0;
        _feed.Revoked += () => told++;
        RevocationStatus atConfirm = default;
        var toldAtConfirm = 0;
        var watch = await FollowAsync();
        _identity.OnConfirm = _ => (atConfirm, toldAtConfirm) = (Status(5), told);
        watch.Items.TryWrite(new WatchItem("change", 1, Revoked: [Revoked(5)]));
        Assert.Equal(1, (await _identity.NextConfirmAsync()).Seq);
        // Once for the snapshot, once for the change.
        Assert.Equal((RevocationStatus.Revoked, 2), (atConfirm, toldAtConfirm));
        Assert.Equal(2, told);
    }

    [Fact]
    public async Task Silence_makes_it_stale_and_a_heartbeat_fresh_again()
    {
        var watch = await FollowAsync();
        _time.Advance(Staleness - TimeSpan.FromTicks(1));
        Assert.True(_feed.IsFresh);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_feed.IsFresh);
        watch.Items.TryWrite(new WatchItem("heartbeat", 0));
        await Patience.UntilAsync(() => _feed.IsFresh);
        _time.Advance(Staleness / 2);
        watch.Items.TryWrite(new WatchItem("heartbeat", 0));
        watch.Items.TryWrite(new WatchItem("change", 1));
        await _identity.NextConfirmAsync();
        _time.Advance(Staleness / 2);
        Assert.True(_feed.IsFresh);
    }

    [Fact]
    public async Task Identity_that_takes_its_leave_is_lost_only_when_none_takes_its_place()
    {
        await FollowAsync([Revoked(1)]);
        await _identity.StopAsync();
        await Patience.UntilAsync(() => _log.Messages("identity_stopping").Any());
        Assert.Empty(_log.Messages("identity_lost"));
        await _identity.DisposeAsync();
        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        await Patience.UntilAsync(() => _log.Messages("identity_lost").Any());
        Assert.Single(_log.Messages("identity_stopping"));
    }

    [Fact]
    public async Task Lost_identity_makes_it_stale_after_the_bound_and_a_new_one_is_followed_from_a_snapshot()
    {
        await FollowAsync([Revoked(1)]);
        await _identity.DisposeAsync();
        await Patience.UntilAsync(() => _log.Messages("identity_lost").Any());
        Assert.True(_feed.IsFresh);
        _time.Advance(Staleness);
        Assert.False(_feed.IsFresh);

        _identity = new FakeIdentity(_directory["identity.sock"]);
        var watch = await ReconnectAsync();
        watch.Items.TryWrite(new WatchItem("snapshot", 9, "w2", Keys: [Key()], Revoked: [Revoked(2)]));
        watch.Items.TryWrite(new WatchItem("heartbeat", 9));
        watch.Items.TryWrite(new WatchItem("snapshot", 9, Complete: true));
        Assert.Equal(new ConfirmParams("w2", 9), await _identity.NextConfirmAsync());
        Assert.True(_feed.IsFresh);
        Assert.Equal((RevocationStatus.Active, RevocationStatus.Revoked), (Status(1), Status(2)));
        Assert.Single(_log.Messages("identity_lost"));
    }

    [Fact]
    public async Task Snapshot_broken_off_leaves_nothing_behind_in_the_next()
    {
        var watch = await _identity.NextWatchAsync();
        watch.Items.TryWrite(new WatchItem("snapshot", 1, "w1", Keys: [Key()], Revoked: [Revoked(1)]));
        watch.Items.Complete();
        watch = await ReconnectAsync();
        watch.Items.TryWrite(new WatchItem("snapshot", 2, "w2", Revoked: [Revoked(2)], Complete: true));
        await _feed.FirstSnapshot.Soon();
        Assert.Equal((RevocationStatus.Active, RevocationStatus.Revoked), (Status(1), Status(2)));
    }

    public static TheoryData<string> Garbage => ["key text", "key length", "key version", "small order", "capability id", "expiry"];

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_ends_the_watch_and_changes_nothing_it_relies_on(string what)
    {
        var watch = await FollowAsync([Revoked(1)]);
        watch.Items.TryWrite(what switch
        {
            "key text" => new WatchItem("change", 1, Keys: [Key() with { PublicKey = "not base64!" }]),
            "key length" => new WatchItem("change", 1, Keys: [Key() with { PublicKey = "AAAA" }]),
            "key version" => new WatchItem("change", 1, Keys: [Key() with { Version = "v9" }]),
            "small order" => new WatchItem("change", 1, Keys: [Key() with { PublicKey = Convert.ToBase64String(new byte[32]) }]),
            "capability id" => new WatchItem("change", 1, Revoked: [new RevokedItem("NOT HEX", 0)]),
            _ => new WatchItem("change", 1, Revoked: [new RevokedItem(Tokens.IdOf(2), long.MaxValue)]),
        });
        watch = await ReconnectAsync();
        Assert.Equal(RevocationStatus.Revoked, Status(1));
        Assert.Equal(Tokens.Key.VerificationKey.KeyId, Assert.Single(_feed.Verifier.Keys.Keys).KeyId);
        watch.Items.TryWrite(new WatchItem("snapshot", 3, "w3", Keys: [Key()], Revoked: [Revoked(3)], Complete: true));
        Assert.Equal(new ConfirmParams("w3", 3), await _identity.NextConfirmAsync());
        Assert.Equal(RevocationStatus.Revoked, Status(3));
    }

    [Fact]
    public async Task Changed_keys_are_in_force_at_once_and_old_ones_no_longer()
    {
        var watch = await FollowAsync();
        Assert.True(_feed.Verifier.Verify(Tokens.Token(), _time.GetUtcNow()).IsVerified);
        Assert.False(_feed.Verifier.Verify(Tokens.Token(key: Tokens.OtherKey), _time.GetUtcNow()).IsVerified);
        watch.Items.TryWrite(new WatchItem("change", 1, Keys: [Key(Tokens.OtherKey)]));
        await _identity.NextConfirmAsync();
        Assert.False(_feed.Verifier.Verify(Tokens.Token(), _time.GetUtcNow()).IsVerified);
        Assert.True(_feed.Verifier.Verify(Tokens.Token(key: Tokens.OtherKey), _time.GetUtcNow()).IsVerified);
    }

    [Fact]
    public async Task Refusing_identity_is_asked_ever_more_slowly()
    {
        var watch = await _identity.NextWatchAsync();
        _identity.RefusesWatches = true;
        watch.Items.Complete();
        await Patience.UntilAsync(() => _log.Messages("identity_lost").Any());
        for (var (asked, waited) = (1, TimeSpan.FromMilliseconds(20)); asked < 6; asked++, waited *= 2)
        {
            await Patience.UntilAsync(() => _time.ArmedTimers == 1);
            _time.Advance(waited - TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, _time.ArmedTimers);
            Assert.Equal(asked, _identity.Asked);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Patience.UntilAsync(() => _identity.Asked == asked + 1);
        }
    }

    private static KeyItem Key(SigningKey? key = null)
    {
        var verification = (key ?? Tokens.Key).VerificationKey;
        return new(verification.KeyId, "v2", Convert.ToBase64String(verification.PublicKey));
    }

    private static RevokedItem Revoked(int number) => new(Tokens.IdOf(number), new ManualTime().GetUtcNow().AddHours(1).ToUnixTimeSeconds());

    private RevocationStatus Status(int number) => _feed.Revocations.Check(Tokens.IdOf(number));

    private async Task<FakeWatch> FollowAsync(IReadOnlyList<RevokedItem>? revoked = null)
    {
        var watch = await _identity.NextWatchAsync();
        watch.Items.TryWrite(new WatchItem("snapshot", 0, "w0", Keys: [Key()], Revoked: revoked, Complete: true));
        Assert.Equal(new ConfirmParams("w0", 0), await _identity.NextConfirmAsync());
        // The clock must not be moved over the deadline of the confirmation while its answer is still under way.
        await Patience.UntilAsync(() => _time.ArmedTimers == 0);
        return watch;
    }

    /// <summary>Moves the clock over the pauses between attempts until the feed is back.</summary>
    private async Task<FakeWatch> ReconnectAsync()
    {
        var next = _identity.NextWatchAsync();
        await Patience.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return next.IsCompleted;
        });
        return await next;
    }
}
