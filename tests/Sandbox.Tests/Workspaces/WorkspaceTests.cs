using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;

namespace Strata.Sandbox.Tests;

public sealed class WorkspaceTests : IDisposable
{
    private readonly TempDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void A_workspace_is_its_owners_whatever_the_spelling_and_outlives_the_service()
    {
        var first = Table().GetOrCreate("a", "w").Workspace;
        File.WriteAllText(Path.Combine(first.Directory, "kept"), "x");
        var table = Table();
        Assert.Equal(first.Directory, table.Find("a", "w").Directory);
        Assert.Equal("x", File.ReadAllText(Path.Combine(table.Find("a", "w").Directory, "kept")));
        Assert.Equal("workspace_not_found", Reason(() => table.Find("b", "w")));
        Assert.Equal("workspace_not_found", Reason(() => table.Find("a>", "w")));
        Assert.NotEqual(first.Directory, table.GetOrCreate("a", "W").Workspace.Directory);
        Assert.NotEqual(table.GetOrCreate("a>b", "c").Workspace.Directory, table.GetOrCreate("a", "b-c").Workspace.Directory);
        foreach (var name in (string[])["", ".", "..", "a/b", "../w", "a\0b", new('x', 65)])
        {
            Assert.Equal("invalid_name", Reason(() => table.GetOrCreate("a", name)));
        }
    }

    [Fact]
    public void One_session_at_a_time_has_it_unless_all_share_it()
    {
        var table = Table();
        var one = table.Attach("a", "w", shared: false, "s1");
        Assert.Equal("workspace_busy", Reason(() => table.Attach("a", "w", shared: false, "s2")));
        Assert.Equal("workspace_busy", Reason(() => table.Attach("a", "w", shared: true, "s2")));
        Assert.Equal("workspace_busy", Reason(() => table.Delete("a", "w")));
        one.Dispose();
        using var two = table.Attach("a", "w", shared: true, "s2");
        using var three = table.Attach("a", "w", shared: true, "s3");
        Assert.Equal("workspace_busy", Reason(() => table.Attach("a", "w", shared: false, "s4")));
    }

    [Fact]
    public void Deleted_it_is_gone_and_a_new_one_of_the_name_is_empty()
    {
        var table = Table();
        File.WriteAllText(Path.Combine(table.GetOrCreate("a", "w").Workspace.Directory, "f"), "x");
        table.Delete("a", "w");
        Assert.Empty(Directory.GetFileSystemEntries(_home["state/workspaces"]));
        Assert.Empty(Directory.GetFileSystemEntries(table.GetOrCreate("a", "w").Workspace.Directory));
    }

    [Fact]
    public void Bytes_and_files_are_bounded_at_the_limit_and_one_past_it()
    {
        var workspace = Table(new WorkspaceLimits { MaxBytes = 100_000 }).GetOrCreate("a", "w", maxBytes: 8192, maxFiles: 3).Workspace;
        workspace.Take(8192, 3);
        Assert.Equal("workspace_full", Reason(() => workspace.Take(0, 4)));
        File.WriteAllBytes(Path.Combine(workspace.Directory, "a"), new byte[4096]);
        workspace.Forget();
        workspace.Take(4096, 2);
        workspace.GiveBack(4096, 2);
        Assert.Equal("workspace_full", Reason(() => workspace.Take(4097, 1)));
        Assert.Equal("workspace_full", Reason(() => workspace.Take(0, 3)));
        File.WriteAllBytes(Path.Combine(workspace.Directory, "b"), new byte[8192]);
        workspace.Count(CancellationToken.None);
        Assert.True(workspace.IsOverfull());
    }

    [Fact]
    public void Nothing_hides_deeper_than_is_counted()
    {
        var workspace = Table().GetOrCreate("a", "w").Workspace;
        var deep = Path.Combine([workspace.Directory, .. Enumerable.Repeat("d", TreeCopy.MaxDepth)]);
        Directory.CreateDirectory(deep);
        File.WriteAllBytes(Path.Combine(deep, "seen"), new byte[8192]);
        Assert.Equal(TreeCopy.MaxDepth + 1, workspace.Count(CancellationToken.None).Files);
        Assert.False(workspace.IsOverfull());
        Directory.CreateDirectory(Path.Combine(deep, "hidden"));
        workspace.Count(CancellationToken.None);
        Assert.True(workspace.IsOverfull());
        Directory.Delete(Path.Combine(deep, "hidden"));
        workspace.Count(CancellationToken.None);
        Assert.False(workspace.IsOverfull());
    }

    [Fact]
    public void Their_number_is_bounded()
    {
        var table = Table(new WorkspaceLimits { MaxOfOwner = 2, Max = 3 });
        table.GetOrCreate("a", "1");
        table.GetOrCreate("a", "2");
        Assert.Equal("workspaces_exhausted", Reason(() => table.GetOrCreate("a", "3")));
        table.GetOrCreate("b", "1");
        Assert.Equal("workspaces_exhausted", Reason(() => table.GetOrCreate("b", "2")));
    }

    [Fact]
    public void Its_files_are_worked_on_without_a_session_and_cannot_lead_out()
    {
        var table = Table();
        var workspace = table.GetOrCreate("a", "w").Workspace;
        File.WriteAllText(_home["secret"], "the host's own");
        File.CreateSymbolicLink(Path.Combine(workspace.Directory, "out"), _home["secret"]);
        File.CreateSymbolicLink(Path.Combine(workspace.Directory, "up"), "../../../../secret");
        using var space = table.Open("a", "w");
        Assert.True(space.Run(root => root.TryOpenFile(space.Resolve("out"), out _)) < 0);
        Assert.True(space.Run(root => root.TryOpenFile(space.Resolve("up"), out _)) < 0);
        Assert.True(space.Run(root => root.TryOpenFile(space.Resolve("../record.json"), out _)) < 0);
        Assert.Equal("workspace_not_found", Reason(() => table.Open("b", "w")));
    }

    private WorkspaceTable Table(WorkspaceLimits? limits = null) => new(_home["state"], limits ?? new WorkspaceLimits(), ChangesRemoval.Run, TimeProvider.System, NullLogger.Instance);

    private static string Reason(Func<object> work) => Assert.Throws<SandboxException>(work).Reason;

    private static string Reason(Action work) => Assert.Throws<SandboxException>(work).Reason;
}
