using Microsoft.Extensions.Logging.Abstractions;
using Strata.Policy;

namespace Strata.Identity.Tests;

public sealed class IssuedStoreTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Scratch _scratch = new();
    private readonly IdentityDirectory _directory;

    public IssuedStoreTests() => _directory = IdentityDirectory.Open(_scratch["state"]);

    private string FilePath => _scratch["state/identity/issued"];

    public void Dispose()
    {
        _directory.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void What_was_taken_in_is_found_listed_and_there_after_a_restart()
    {
        using (var store = Open())
        {
            for (var i = 1; i <= 250; i++)
            {
                Assert.Equal(IssuedOutcome.Stored, store.Add(Claims(i), null));
            }

            Assert.Equal(Claims(7), store.Find(Scratch.Id(7))!.Value.Claims);
            Assert.Null(store.Find(Scratch.Id(999)));
        }

        using var again = Open();
        Assert.Equal(250, again.Count);
        Assert.Equal(Enumerable.Range(1, 250).Select(i => Scratch.Id(i)), All(again, Query()).Select(c => c.CapabilityId));
        Assert.Equal(Claims(250), again.Find(Scratch.Id(250))!.Value.Claims);
    }

    [Fact]
    public void A_list_chooses_by_subject_service_template_parent_and_end()
    {
        using var store = Open();
        var root = Claims(1) with { Template = "agent", Subject = "alice" };
        var child = Attenuation.Below(root, Claims(2) with { Subject = "bob", Service = "registry", ExpiresAt = _time.GetUtcNow().AddMinutes(1) });
        store.Add(root, null);
        store.Add(child, root);
        store.Add(Claims(3), null);

        Assert.Equal([Scratch.Id(1)], Ids(store, Query(subject: "alice")));
        Assert.Equal([Scratch.Id(2)], Ids(store, Query(service: "registry")));
        Assert.Equal([Scratch.Id(1), Scratch.Id(2)], Ids(store, Query(template: "agent")));
        Assert.Equal([Scratch.Id(2)], Ids(store, Query(parent: Scratch.Id(1))));
        Assert.Equal([Scratch.Id(2)], Ids(store, Query(before: _time.GetUtcNow().AddMinutes(2))));
        Assert.Empty(Ids(store, Query(subject: "alice", service: "registry")));
        Assert.Equal(1, store.Find(Scratch.Id(1))!.Value.Derived);
    }

    [Fact]
    public void A_renewed_capability_keeps_its_place_and_has_its_new_end_also_after_a_restart()
    {
        using (var store = Open())
        {
            store.Add(Claims(1), null);
            store.Add(Claims(2), null);
            store.Renew(Claims(1) with { ExpiresAt = Claims(1).ExpiresAt.AddHours(1) });
            Assert.Equal(Claims(1).ExpiresAt.AddHours(1), store.EndOf(Scratch.Id(1)));
        }

        using var again = Open();
        Assert.Equal([Scratch.Id(1), Scratch.Id(2)], Ids(again, Query()));
        Assert.Equal(Claims(1).ExpiresAt.AddHours(1), again.EndOf(Scratch.Id(1)));
    }

    [Fact]
    public void At_its_bound_the_store_refuses_until_some_expire()
    {
        using var store = IssuedStore.Open(_directory, _time, NullLogger.Instance, maxEntries: 10);
        for (var i = 1; i <= 9; i++)
        {
            Assert.Equal(IssuedOutcome.Stored, store.Add(Claims(i), null));
        }

        Assert.Equal(IssuedOutcome.Full, store.Add(Claims(10), null));
        _time.Advance(TimeSpan.FromHours(1) + ClockSkew.Max + TimeSpan.FromSeconds(1));
        Assert.Equal(IssuedOutcome.Stored, store.Add(Claims(10) with { ExpiresAt = _time.GetUtcNow().AddHours(1) }, null));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void No_holder_uses_up_the_room_of_all()
    {
        using var store = IssuedStore.Open(_directory, _time, NullLogger.Instance, maxDerived: 3);
        var root = Claims(1);
        store.Add(root, null);
        var at = root;
        for (var i = 2; i <= 4; i++)
        {
            var child = Attenuation.Below(at, Claims(i));
            Assert.Equal(IssuedOutcome.Stored, store.Add(child, at));
            at = child;
        }

        Assert.Equal(IssuedOutcome.TooManyDerived, store.Add(Attenuation.Below(root, Claims(5)), root));
        Assert.Equal(IssuedOutcome.TooManyDerived, store.Add(Attenuation.Below(at, Claims(5)), at));
        Assert.Equal(IssuedOutcome.Stored, store.Add(Claims(6), null));
    }

    [Fact]
    public void A_parent_that_the_account_has_lost_is_taken_in_again()
    {
        using var store = IssuedStore.Open(_directory, _time, NullLogger.Instance, maxDerived: 1);
        Assert.Equal(IssuedOutcome.Stored, store.Add(Attenuation.Below(Claims(1), Claims(2)), Claims(1)));
        Assert.Equal(IssuedOutcome.TooManyDerived, store.Add(Attenuation.Below(Claims(1), Claims(3)), Claims(1)));
        Assert.Equal([Scratch.Id(1), Scratch.Id(2)], Ids(store, Query()));
    }

    [Fact]
    public void Cut_at_any_byte_the_whole_records_before_are_kept_and_more_can_be_added()
    {
        using (var store = Open())
        {
            store.Add(Claims(1), null);
            store.Add(Claims(2), null);
        }

        var whole = File.ReadAllBytes(FilePath);
        var first = IssuedRecord.Header.Length + IssuedRecord.LengthOf(whole.AsSpan(IssuedRecord.Header.Length));
        for (var length = IssuedRecord.Header.Length; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            using (var store = Open())
            {
                Assert.Equal(length < first ? 0 : 1, store.Count);
                store.Add(Claims(3), null);
            }

            using var again = Open();
            Assert.NotNull(again.Find(Scratch.Id(3)));
        }
    }

    [Fact]
    public void A_damaged_record_and_what_follows_is_cut_not_believed()
    {
        using (var store = Open())
        {
            store.Add(Claims(1), null);
            store.Add(Claims(2), null);
        }

        var file = File.ReadAllBytes(FilePath);
        file[^20] ^= 1;
        File.WriteAllBytes(FilePath, file);

        using var again = Open();
        Assert.Equal([Scratch.Id(1)], Ids(again, Query()));
    }

    [Fact]
    public void Compaction_drops_what_has_expired_and_keeps_the_rest_in_order()
    {
        using (var store = Open())
        {
            for (var i = 1; i <= 20; i++)
            {
                store.Add(Claims(i) with { ExpiresAt = _time.GetUtcNow().AddMinutes(i % 2 == 0 ? 60 : 1) }, null);
            }

            store.Maintain();
            var before = new FileInfo(FilePath).Length;
            _time.Advance(TimeSpan.FromMinutes(10));
            store.Compact(force: true);
            Assert.InRange(new FileInfo(FilePath).Length, before / 3, before * 2 / 3);
            Assert.Equal(10, store.Count);
            store.Add(Claims(21) with { ExpiresAt = _time.GetUtcNow().AddHours(1) }, null);
            Assert.Equal(Scratch.Id(2), store.Find(Scratch.Id(2))!.Value.Claims.CapabilityId);
        }

        using var again = Open();
        Assert.Equal([.. Enumerable.Range(1, 10).Select(i => Scratch.Id(i * 2)), Scratch.Id(21)], Ids(again, Query()));
    }

    [Fact]
    public void A_page_ends_at_its_limit_and_the_next_goes_on_after_it()
    {
        using var store = Open();
        for (var i = 1; i <= 5; i++)
        {
            store.Add(Claims(i), null);
        }

        var query = new IssuedQuery(null, null, null, null, null, _time.GetUtcNow()) { Limit = 2 };
        var (first, next) = store.List(query, 0);
        Assert.Equal([Scratch.Id(1), Scratch.Id(2)], first.Select(c => c.CapabilityId));
        var (second, then) = store.List(query, next!.Value);
        Assert.Equal([Scratch.Id(3), Scratch.Id(4)], second.Select(c => c.CapabilityId));
        var (third, end) = store.List(query, then!.Value);
        Assert.Equal([Scratch.Id(5)], third.Select(c => c.CapabilityId));
        Assert.Null(end);
    }

    private IssuedStore Open() => IssuedStore.Open(_directory, _time, NullLogger.Instance);

    private static CapabilityClaims Claims(int number) => new()
    {
        Issuer = "identity@test-0",
        Audience = "strata",
        CapabilityId = Scratch.Id(number),
        Subject = "agent",
        IssuedAt = new ManualTime().GetUtcNow(),
        ExpiresAt = new ManualTime().GetUtcNow().AddHours(1),
        Service = "fs",
        Rights = NameList.Of("fs.read"),
        SignedBy = "v2key",
    };

    private IssuedQuery Query(string? subject = null, string? service = null, string? template = null, string? parent = null, DateTimeOffset? before = null) =>
        new(subject, service, template, parent, before, _time.GetUtcNow());

    private static List<CapabilityClaims> All(IssuedStore store, IssuedQuery query)
    {
        var all = new List<CapabilityClaims>();
        uint? after = 0;
        while (after is { } serial)
        {
            (var page, after) = store.List(query, serial);
            all.AddRange(page);
        }

        return all;
    }

    private static IEnumerable<string> Ids(IssuedStore store, IssuedQuery query) => All(store, query).Select(c => c.CapabilityId);
}
