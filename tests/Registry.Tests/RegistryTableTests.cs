using System.Collections.Immutable;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Registry.Tests;

public sealed class RegistryTableTests
{
    private static readonly Registrant Supervisor = new(900, IsSupervisor: true);
    private static readonly Registrant Alice = new(1000, IsSupervisor: false);
    private static readonly Registrant Bob = new(1001, IsSupervisor: false);
    private static readonly Registrant Root = new(0, IsSupervisor: false);
    private static readonly RegistryTable Empty = new() { Declared = ["fs", "identity"] };

    [Fact]
    public void First_registrant_owns_a_name_and_may_change_it()
    {
        var table = Must(Must(Empty, "web", Alice), "web", Alice, "unix:///new");
        Assert.Equal(new RegistryEntry("web", "unix:///new", 1, null, 1000), table.Entries["web"]);
    }

    [Fact]
    public void Name_of_another_user_is_taken_until_it_is_given_back()
    {
        var table = Must(Empty, "web", Alice);
        AssertDenied(table.Register(new("web", "unix:///evil"), Bob).Error, ErrorCode.Conflict, "name_taken");
        AssertDenied(table.Unregister("web", Bob).Error, ErrorCode.Conflict, "name_taken");
        var (freed, error) = table.Unregister("web", Alice);
        Assert.Null(error);
        Assert.Equal(1001, Must(freed, "web", Bob).Entries["web"].OwnerUid);
    }

    [Fact]
    public void Root_may_take_a_users_name_but_not_a_declared_one()
    {
        Assert.Equal(0, Must(Must(Empty, "web", Alice), "web", Root).Entries["web"].OwnerUid);
        AssertDenied(Empty.Register(new("fs", "unix:///evil"), Root).Error, ErrorCode.PermissionDenied, "declared_name");
    }

    [Fact]
    public void Declared_names_belong_to_the_supervisor_registered_or_not()
    {
        AssertDenied(Empty.Register(new("fs", "unix:///evil"), Alice).Error, ErrorCode.PermissionDenied, "declared_name");
        AssertDenied(Empty.Unregister("fs", Alice).Error, ErrorCode.PermissionDenied, "declared_name");
        var table = Must(Empty, "fs", Supervisor);
        AssertDenied(table.Register(new("fs", "unix:///evil"), Alice).Error, ErrorCode.PermissionDenied, "declared_name");
        AssertDenied(table.Unregister("fs", Root).Error, ErrorCode.PermissionDenied, "declared_name");
        Assert.Null(table.Unregister("fs", Supervisor).Error);
    }

    [Fact]
    public void Name_that_the_supervisor_declares_is_protected_from_then_on()
    {
        var (table, error) = Empty.Register(new("web", "unix:///web", OwnerUid: 1000, Declared: true), Supervisor);
        Assert.Null(error);
        Assert.Equal(new RegistryEntry("web", "unix:///web", 1, true, 1000), table.Entries["web"]);
        AssertDenied(table.Register(new("web", "unix:///evil"), Alice).Error, ErrorCode.PermissionDenied, "declared_name");
    }

    [Fact]
    public void Supervisor_may_replace_an_entry_that_was_there_first() =>
        Assert.Equal(900, Must(Must(Empty, "web", Alice), "web", Supervisor).Entries["web"].OwnerUid);

    [Theory]
    [InlineData(1000L, null)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public void Only_the_supervisor_says_who_owns_or_what_is_declared(long? owner, bool? declared) =>
        AssertDenied(Empty.Register(new("web", "unix:///web", OwnerUid: owner, Declared: declared), Alice).Error, ErrorCode.PermissionDenied, "supervisor_only");

    [Fact]
    public void Malformed_names_and_endpoints_are_refused_by_field()
    {
        Assert.Contains(new("field", "service"), Empty.Register(new("No", "unix:///web"), Alice).Error!.Details);
        Assert.Contains(new("field", "endpoint"), Empty.Register(new("web", "http://web"), Alice).Error!.Details);
    }

    [Fact]
    public void One_user_has_so_many_entries_and_no_more()
    {
        var table = Fill(Empty, RegistryTable.MaxEntriesPerUid, Alice, "a");
        AssertDenied(table.Register(new("one-more", "unix:///a"), Alice).Error, ErrorCode.ResourceExhausted, "registry_full");
        Must(table, "a1", Alice, "unix:///replaced");
        Must(table, "bobs", Bob);
        Assert.Null(table.Register(new("alices", "unix:///a", OwnerUid: 1000), Supervisor).Error);
        Must(table.Unregister("a1", Alice).Table, "one-more", Alice);
    }

    [Fact]
    public void Registry_has_so_many_entries_and_no_more_even_for_the_supervisor()
    {
        var table = Fill(Empty, RegistryTable.MaxEntries, Supervisor, "s");
        Assert.Equal(RegistryTable.MaxEntries, table.Entries.Count);
        AssertDenied(table.Register(new("one-more", "unix:///a"), Supervisor).Error, ErrorCode.ResourceExhausted, "registry_full");
        Must(table, "s1", Supervisor, "unix:///replaced");
    }

    [Fact]
    public void Unknown_name_cannot_be_unregistered()
    {
        var error = Empty.Unregister("nobody\u001b[2J", Alice).Error!;
        Assert.Equal(ErrorCode.NotFound, error.Code);
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Fact]
    public void Refusal_leaves_the_table_as_it_was()
    {
        var table = Must(Empty, "web", Alice);
        Assert.Same(table, table.Register(new("web", "unix:///evil"), Bob).Table);
        Assert.Same(table, table.Unregister("web", Bob).Table);
    }

    private static RegistryTable Fill(RegistryTable table, int count, Registrant who, string prefix) =>
        Enumerable.Range(0, count).Aggregate(table, (t, i) => Must(t, $"{prefix}{i}", who));

    private static RegistryTable Must(RegistryTable table, string name, Registrant who, string endpoint = "unix:///run/x.sock")
    {
        var (next, error) = table.Register(new RegisterParams(name, endpoint), who);
        Assert.Null(error);
        return next;
    }

    private static void AssertDenied(RpcError? error, ErrorCode code, string reason) => Assert.Equal((code, reason), (error?.Code, error?.Reason));
}
