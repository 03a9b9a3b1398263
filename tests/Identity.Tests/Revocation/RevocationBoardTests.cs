using Strata.Policy;

namespace Strata.Identity.Tests;

public class RevocationBoardTests
{
    private static readonly TimeSpan Staleness = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private static readonly VerifierName Fs = new("fs", 0);

    private readonly ManualTime _time = new();
    private readonly RevocationBoard _board;

    public RevocationBoardTests() => _board = new RevocationBoard([], [], Staleness, _time);

    [Fact]
    public async Task Without_verifiers_nobody_is_waited_for()
    {
        Assert.Empty(await _board.WaitForVerifiersAsync(Publish(1), Bound));
    }

    [Fact]
    public async Task The_wait_ends_with_the_last_confirmation()
    {
        var first = _board.Join(Fs)!.Value.Watcher;
        var second = _board.Join(new("registry", 0))!.Value.Watcher;
        var seq = Publish(1);
        var wait = _board.WaitForVerifiersAsync(seq, Bound);

        _board.Confirm(first.Id, 0, seq);
        Assert.False(wait.IsCompleted);
        _board.Confirm(second.Id, 0, seq);

        Assert.Empty(await wait);
    }

    [Fact]
    public async Task The_wait_ends_at_its_bound_and_names_who_is_missing()
    {
        _board.Join(Fs);
        var registry = _board.Join(new("registry", 0))!.Value.Watcher;
        var seq = Publish(1);
        // Before the wait: a timer that the confirmation is about to replace would pass for the one that counts.
        _board.Confirm(registry.Id, 0, seq);
        var wait = _board.WaitForVerifiersAsync(seq, Bound);

        await Armed();
        _time.Advance(Bound);

        Assert.Equal(["fs"], await wait);
    }

    [Fact]
    public async Task Many_waits_share_one_confirmation()
    {
        var fs = _board.Join(Fs)!.Value.Watcher;
        var waits = Enumerable.Range(1, 50).Select(i => _board.WaitForVerifiersAsync(Publish(i), Bound)).ToArray();

        _board.Confirm(fs.Id, 0, 50);

        Assert.All(await Task.WhenAll(waits), Assert.Empty);
    }

    [Fact]
    public async Task A_goodbye_ends_a_wait()
    {
        var fs = _board.Join(Fs)!.Value.Watcher;
        var wait = _board.WaitForVerifiersAsync(Publish(1), Bound);
        _board.Leave(fs, goodbye: true);

        Assert.Empty(await wait);
    }

    [Fact]
    public async Task A_verifier_of_the_previous_run_is_awaited_until_it_denies_by_itself()
    {
        var board = new RevocationBoard([], [Fs], Staleness, _time);
        var seq = board.Publish([Scratch.Revoked(1, _time.GetUtcNow())]);
        _time.Advance(Staleness - TimeSpan.FromMilliseconds(500));

        var wait = board.WaitForVerifiersAsync(seq, Bound);
        await Armed();
        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Empty(await wait);
    }

    [Fact]
    public async Task A_verifier_of_the_previous_run_counts_as_served_once_its_new_watch_confirms()
    {
        var board = new RevocationBoard([], [Fs], Staleness, _time);
        var seq = board.Publish([Scratch.Revoked(1, _time.GetUtcNow())]);
        var wait = board.WaitForVerifiersAsync(seq, Bound);
        var (watcher, snapshot, seen) = board.Join(Fs)!.Value;

        Assert.Equal([Scratch.Revoked(1, _time.GetUtcNow())], snapshot.Ids);
        Assert.False(wait.IsCompleted);
        board.Confirm(watcher.Id, 0, seen);

        Assert.Empty(await wait);
    }

    [Fact]
    public void What_has_not_happened_cannot_be_confirmed()
    {
        var fs = _board.Join(Fs)!.Value.Watcher;
        var seq = Publish(1);

        Assert.Equal(ConfirmOutcome.AheadOfTime, _board.Confirm(fs.Id, 0, seq + 1));
        Assert.Equal(ConfirmOutcome.UnknownWatch, _board.Confirm(fs.Id, 1000, seq));
        Assert.Equal(ConfirmOutcome.Confirmed, _board.Confirm(fs.Id, 0, seq));
    }

    [Fact]
    public void Every_change_after_the_snapshot_reaches_a_watcher_in_order()
    {
        Publish(1);
        var (watcher, snapshot, seq) = _board.Join(Fs)!.Value;
        Publish(2);
        Publish(3);

        Assert.Equal(Scratch.Id(1), Assert.Single(snapshot.Ids).CapabilityId);
        Assert.Equal(1, seq);
        foreach (var expected in new[] { 2, 3 })
        {
            Assert.True(watcher.Items.TryRead(out var item));
            Assert.Equal(expected, item.Seq);
            Assert.Equal(Scratch.Id(expected), Assert.Single(item.Revoked!).CapId);
        }
    }

    [Fact]
    public void Pruned_revocations_are_forgotten_with_their_number()
    {
        Publish(1);
        Assert.Equal(1, _board.SeqOf(Scratch.Id(1)));
        _time.Advance(TimeSpan.FromHours(1) + ClockSkew.Max + TimeSpan.FromSeconds(1));

        _board.Prune();

        Assert.Null(_board.SeqOf(Scratch.Id(1)));
    }

    private long Publish(int number) => _board.Publish([Scratch.Revoked(number, _time.GetUtcNow().AddHours(1))]);

    /// <summary>Until the wait has set its timer, so that moving the clock is not missed.</summary>
    private async Task Armed()
    {
        while (_time.ArmedTimers == 0)
        {
            await Task.Yield();
        }
    }
}
