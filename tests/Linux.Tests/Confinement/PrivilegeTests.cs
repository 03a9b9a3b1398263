using static Strata.Linux.Tests.Confinement.ConfinedChild;
using Rules = Strata.Linux.Confinement;

namespace Strata.Linux.Tests.Confinement;

[Collection(nameof(ProcessWideState))]
public sealed class PrivilegeTests : IDisposable
{
    private const string Show = "grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' /proc/self/status | tr '\\t' ' ' | sed 's/ *$//'";
    private const string None = "0000000000000000";

    private readonly ConfinedChild _child = new();
    private readonly TempDirectory _temp = new();

    public void Dispose()
    {
        _child.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Root_without_capabilities_has_none_and_gets_none()
    {
        var seen = Fields(Show, new Rules { KeepCapabilities = [] });
        Assert.Equal((None, None, "1"), (seen["CapEff"], seen["CapPrm"], seen["NoNewPrivs"]));
        if (IsRoot)
        {
            Assert.Equal(None, seen["CapBnd"]);
        }
    }

    [Fact]
    public void Another_user_has_neither_our_groups_nor_a_way_back()
    {
        var rules = new Rules { User = new ProcessUser(65534, 65533), KeepCapabilities = [] };
        if (!IsRoot)
        {
            Assert.Equal("confinement.user", Assert.Throws<ConfinementException>(() => _child.Spawn(Shell(":") with { Confinement = rules })).Field);
            return;
        }

        var seen = Fields(Show, rules);
        Assert.Equal("65534 65534 65534 65534", seen["Uid"]);
        Assert.Equal("65533 65533 65533 65533", seen["Gid"]);
        Assert.Equal(("", None, None), (seen["Groups"], seen["CapPrm"], seen["CapBnd"]));
        const string back = "$< = 0; $> = 0; print \"$< $>\";";
        Assert.Equal("65534 65534", _child.Text(Perl(back) with { Confinement = rules }));
    }

    [Fact]
    public void A_kept_capability_is_there_for_root_and_for_another_user_and_no_other_is()
    {
        if (!IsRoot)
        {
            var rules = new Rules { KeepCapabilities = ["CAP_NET_BIND_SERVICE"] };
            Assert.Equal("confinement.keep_capabilities", Assert.Throws<ConfinementException>(() => _child.Spawn(Shell(":") with { Confinement = rules })).Field);
            return;
        }

        const string bind = "0000000000000400";
        var asRoot = Fields(Show, new Rules { KeepCapabilities = ["CAP_NET_BIND_SERVICE"] });
        Assert.Equal((bind, bind), (asRoot["CapEff"], asRoot["CapBnd"]));
        var asUser = Fields(Show, new Rules { KeepCapabilities = ["CAP_NET_BIND_SERVICE"], User = new ProcessUser(65534, 65534) });
        Assert.Equal((bind, bind, bind), (asUser["CapEff"], asUser["CapPrm"], asUser["CapBnd"]));
    }

    [Fact]
    public void A_set_user_id_program_gives_nothing()
    {
        if (!IsRoot)
        {
            return; // Nobody else can make such a file; that no_new_privs is set for others is tested above.
        }

        using var place = new TempDirectory();
        string program = place["id"];
        File.Copy("/usr/bin/id", program);
        File.SetUnixFileMode(program, (UnixFileMode)0x9ED);
        File.SetUnixFileMode(place.Path, (UnixFileMode)0x1ED);
        var user = new ProcessUser(65534, 65534);
        Assert.Equal("65534\n", _child.Text(Shell($"{program} -u") with { Confinement = new Rules { User = user } }));

        // Without the setting the same file would work: that is what the test above is worth.
        Assert.Equal("0\n", _child.Text(Shell($"{program} -u") with { Confinement = new Rules { User = user, NoNewPrivileges = false } }));
    }

    [Fact]
    public void A_capability_with_a_wrong_name_is_named()
    {
        var rules = new Rules { KeepCapabilities = ["CAP_NET_BIND"] };
        var error = Assert.Throws<ConfinementException>(() => _child.Spawn(Shell(":") with { Confinement = rules }));
        Assert.Contains("CAP_NET_BIND", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_thread_that_spawned_another_users_child_is_our_own_user_again()
    {
        if (!IsRoot)
        {
            return; // Nobody else can become another user.
        }

        using ChildProcess child = _child.Spawn(Shell("exec sleep 1000") with { Confinement = new Rules { User = new ProcessUser(65534, 65534) } });
        try
        {
            foreach (string status in Directory.EnumerateDirectories("/proc/self/task").Select(t => t + "/status"))
            {
                Assert.Contains("Uid:\t0\t0\t0\t0", File.ReadAllText(status), StringComparison.Ordinal);
            }

            string attack = string.Concat(Directory.EnumerateDirectories("/proc/self/task").Select(t => $"print kill(9, {Path.GetFileName(t)});"));
            Assert.Equal("", _child.Text(Perl(attack) with { Confinement = new Rules { User = new ProcessUser(65534, 65534) } }).Replace("0", "", StringComparison.Ordinal));
        }
        finally
        {
            child.TrySignal(Signal.SIGKILL);
            _ = Processes.Await.Exit(child);
        }
    }

    private Dictionary<string, string> Fields(string script, Rules rules) =>
        _child.Text(Shell(script) with { Confinement = rules }).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
}
