using System.Text;

namespace Strata.Supervision.Tests;

/// <summary>docs/supervision.md shows what the code does.</summary>
public sealed class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "supervision.md"));

    [Fact]
    public void The_documented_table_is_the_one_in_the_code()
    {
        var documented = Page.Split("<!-- table -->\n")[1].Split("<!-- /table -->")[0];

        Assert.Equal(Table(), documented);
    }

    [Fact]
    public void The_documented_explanations_are_real()
    {
        var slow = Node.Service("fs", "identity") with { Backoff = new BackoffPolicy { Jitter = 0, Initial = TimeSpan.FromSeconds(4) } };
        var killed = Node.Running(Node.Service("identity"), slow);
        killed.Apply(new NodeEvent.Exited("fs", 1, ExitStatus.BySignal(9)));
        killed.Pass(TimeSpan.FromSeconds(1));
        AssertShown(killed);

        var waiting = new Node(Node.Service("identity"), slow);
        waiting.Stop("identity");
        waiting.Start("fs");
        AssertShown(waiting);

        var failing = Node.Running(Node.Service("fs") with { Quarantine = new QuarantinePolicy { Crashes = 2 } });
        failing.Exits("fs");
        failing.Recover("fs");
        failing.Exits("fs", 3);
        AssertShown(failing);
    }

    [Fact]
    public void The_documented_defaults_are_the_ones_in_the_code()
    {
        var manifest = Node.Service("a");
        Assert.Equal(TimeSpan.FromMilliseconds(100), manifest.Backoff.Initial);
        Assert.Equal(2, manifest.Backoff.Factor);
        Assert.Equal(TimeSpan.FromSeconds(30), manifest.Backoff.Max);
        Assert.Equal(0.15, manifest.Backoff.Jitter);
        Assert.Equal(TimeSpan.FromSeconds(60), manifest.Backoff.ResetAfter);
        Assert.Equal(5, manifest.Quarantine.Crashes);
        Assert.Equal(TimeSpan.FromSeconds(120), manifest.Quarantine.Window);
        Assert.Equal(TimeSpan.FromSeconds(2), manifest.DrainTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), manifest.ReadyTimeout);
        Assert.Null(manifest.Watchdog);
    }

    private static void AssertShown(Node node) => Assert.Contains(node.Explain("fs").Summary + "\n", Page, StringComparison.Ordinal);

    private static string Table()
    {
        var states = Enum.GetValues<ServiceState>();
        var table = new StringBuilder()
            .Append("| event \\ state | ").AppendJoin(" | ", states).Append(" |\n")
            .Append('|').AppendJoin("", Enumerable.Repeat("---|", states.Length + 1)).Append('\n');
        foreach (var occurred in Enum.GetValues<ServiceEvent>())
        {
            table.Append($"| {occurred} | ").AppendJoin(" | ", states.Select(state => Cell(state, occurred))).Append(" |\n");
        }

        return table.ToString();
    }

    private static string Cell(ServiceState state, ServiceEvent occurred)
    {
        var cell = TransitionTable.Lookup(state, occurred);
        return cell.Kind switch
        {
            TransitionKind.Refuse => "*refused*",
            TransitionKind.Ignore => "-",
            _ => cell.Action == ServiceAction.None ? $"{cell.Next}" : $"{cell.Next}: {cell.Action}",
        };
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "StrataOS.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
