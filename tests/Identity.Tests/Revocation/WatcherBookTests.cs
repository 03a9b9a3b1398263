using Strata.Contracts;

namespace Strata.Identity.Tests;

public class WatcherBookTests
{
    private static readonly VerifierName Fs = new("fs", 0);

    private readonly WatcherBook _book = new(staleness: 15);

    [Fact]
    public void A_watcher_is_unconfirmed_until_it_says_so()
    {
        _book.Join("w", Fs, 0);
        Assert.Equal(["fs"], _book.Unconfirmed(0, 0));

        Assert.True(_book.Confirm("w", 0, 3));

        Assert.Empty(_book.Unconfirmed(3, 0));
        Assert.Equal(["fs"], _book.Unconfirmed(4, 0));
    }

    [Fact]
    public void A_confirmation_never_goes_back()
    {
        _book.Join("w", Fs, 0);
        _book.Confirm("w", 0, 3);
        _book.Confirm("w", 0, 1);

        Assert.Empty(_book.Unconfirmed(3, 0));
    }

    [Fact]
    public void Another_user_cannot_confirm_for_a_watcher()
    {
        _book.Join("w", Fs, 0);

        Assert.False(_book.Confirm("w", 1000, 3));
        Assert.False(_book.Confirm("other", 0, 3));
        Assert.Equal(["fs"], _book.Unconfirmed(3, 0));
    }

    [Fact]
    public void A_broken_watch_counts_until_its_verifier_denies_by_itself()
    {
        var watcher = _book.Join("w", Fs, 0)!;
        _book.Confirm("w", 0, 9);
        _book.Leave(watcher, goodbye: false, now: 100);

        Assert.Equal(["fs"], _book.Unconfirmed(1, 114));
        Assert.Equal(115, _book.NextExpiry);
        Assert.Empty(_book.Unconfirmed(1, 115));
        Assert.Null(_book.NextExpiry);
    }

    [Fact]
    public void A_goodbye_ends_the_counting_at_once()
    {
        _book.Leave(_book.Join("w", Fs, 0)!, goodbye: true, now: 100);

        Assert.Empty(_book.Unconfirmed(1, 100));
        Assert.Empty(_book.Everybody);
    }

    [Fact]
    public void A_new_watch_takes_the_place_of_one_lost_watch_of_its_name_and_user()
    {
        _book.AddLost(Fs, 0);
        _book.AddLost(Fs, 0);
        _book.Join("other-user", new VerifierName("fs", 1000), 1);
        Assert.Equal(3, _book.Everybody.Count());

        _book.Join("first", Fs, 1);
        _book.Confirm("first", 0, 5);
        _book.Confirm("other-user", 1000, 5);

        Assert.Equal(["fs"], _book.Unconfirmed(5, 1));
        _book.Join("second", Fs, 1);
        _book.Confirm("second", 0, 5);
        Assert.Empty(_book.Unconfirmed(5, 1));
    }

    [Fact]
    public void There_is_room_for_64_watchers_and_not_for_65()
    {
        for (var i = 0; i < WatcherBook.MaxWatchers; i++)
        {
            Assert.NotNull(_book.Join($"w{i}", new VerifierName("fs", (uint)(i % 2)), 0));
        }

        Assert.Null(_book.Join("one-more", new VerifierName("fs", 2), 0));
    }

    [Fact]
    public void One_user_cannot_keep_the_verifiers_of_others_out_by_watching_or_by_leaving()
    {
        for (var i = 0; i < WatcherBook.MaxVerifiersPerUid; i++)
        {
            var watcher = _book.Join($"w{i}", new VerifierName($"v{i}", 65534), 0);
            Assert.NotNull(watcher);
            if (i % 2 == 0)
            {
                _book.Leave(watcher, goodbye: false, now: 0);
            }
        }

        Assert.Null(_book.Join("one-more", new VerifierName("another", 65534), 0));
        Assert.NotNull(_book.Join("again", new VerifierName("v0", 65534), 0));
        Assert.NotNull(_book.Join("fs", Fs, 0));
    }

    [Fact]
    public void Lost_watchers_are_bounded_and_make_room_when_they_expire()
    {
        for (var i = 0; i < WatcherBook.MaxVerifiers; i++)
        {
            _book.Leave(_book.Join($"w{i}", new VerifierName($"v{i}", (uint)(i % 4)), 0)!, goodbye: false, now: 0);
        }

        Assert.Null(_book.Join("w", new VerifierName("new", 9), 14));
        Assert.NotNull(_book.Join("w", new VerifierName("v7", 3), 14));
        Assert.NotNull(_book.Join("w2", new VerifierName("new", 9), 15));
    }

    [Fact]
    public void A_watcher_that_lags_is_ended_and_still_counts()
    {
        var watcher = _book.Join("w", Fs, 0)!;
        for (var i = 0; i < Watcher.MaxWaitingItems; i++)
        {
            _book.Tell(new WatchItem("change", i), 0);
        }

        Assert.Single(_book.Watchers);
        _book.Tell(new WatchItem("change", 999), 0);

        Assert.Empty(_book.Watchers);
        Assert.Equal(Watcher.MaxWaitingItems, watcher.Items.Count);
        Assert.Equal(["fs"], _book.Unconfirmed(1, 0));
    }

    [Fact]
    public void Heartbeats_do_not_pile_up_before_a_watcher_that_does_not_read()
    {
        var watcher = _book.Join("w", Fs, 0)!;
        _book.Beat(1, madeAtMs: 0);
        _book.Beat(1, madeAtMs: 0);

        Assert.Equal(1, watcher.Items.Count);
    }
}
