using static Strata.Linux.Tests.Confinement.ConfinedChild;
using Rules = Strata.Linux.Confinement;

namespace Strata.Linux.Tests.Confinement;

/// <summary>Each tries what its confinement forbids. Where this machine cannot enforce something, the spawn must fail and say so.</summary>
[Collection(nameof(ProcessWideState))]
public sealed class AttackTests : IDisposable
{
    private const string InetSocket = "use Socket; print socket(S, AF_INET, SOCK_STREAM, 0) ? 'open' : \"refused $!\";";

    private readonly ConfinedChild _child = new();
    private readonly TempDirectory _temp = new();

    public AttackTests()
    {
        Directory.CreateDirectory(_temp["mine"]);
        Directory.CreateDirectory(_temp["theirs"]);
        File.WriteAllText(_temp["theirs/secret"], "secret");
        File.WriteAllText(_temp["mine/own"], "own");
    }

    public void Dispose()
    {
        _child.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Files_outside_of_the_paths_can_be_neither_read_nor_written_nor_made()
    {
        string script = $"cat {_temp["mine/own"]}; cat {_temp["theirs/secret"]}; ls {_temp.Path}; echo x > {_temp["theirs/secret"]}; echo x > {_temp["theirs/new"]}; "
            + $"rm -f {_temp["theirs/secret"]}; ln {_temp["mine/own"]} {_temp["theirs/link"]}; echo mine > {_temp["mine/own"]} && echo wrote";
        var files = new FileRules([], [_temp["mine"]], []);
        if (Landlock.Version == 0)
        {
            AssertRefused(Shell(script), new Rules { Files = files }, "confinement.write");
            return;
        }

        string text = _child.Text(Shell(script) with { Confinement = new Rules { Files = files } });
        Assert.StartsWith("own", text, StringComparison.Ordinal);
        Assert.EndsWith("wrote\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret\n", text.Replace("theirs/secret", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("secret", File.ReadAllText(_temp["theirs/secret"]));
        Assert.Equal([_temp["theirs/secret"]], Directory.GetFileSystemEntries(_temp["theirs"]));
        Assert.Equal("mine\n", File.ReadAllText(_temp["mine/own"]));
    }

    [Fact]
    public void What_may_be_read_may_be_neither_written_nor_executed()
    {
        if (Landlock.Version == 0)
        {
            return; // The spawn is refused, as the test of paths shows.
        }

        File.Copy("/bin/true", _temp["mine/program"]);
        string script = $"cat {_temp["mine/own"]}; echo x > {_temp["mine/own"]}; {_temp["mine/program"]} && echo ran";
        string text = _child.Text(Shell(script) with { Confinement = new Rules { Files = new FileRules([_temp["mine"]], [], []) } });
        Assert.StartsWith("own", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ran", text, StringComparison.Ordinal);
        Assert.Equal("own", File.ReadAllText(_temp["mine/own"]));
        Assert.EndsWith("ran\n", _child.Text(Shell(script) with { Confinement = new Rules { Files = new FileRules([], [], [_temp["mine"]]) } }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_not_there_is_named()
    {
        if (Landlock.Version > 0)
        {
            AssertRefused(Shell(":"), new Rules { Files = new FileRules(["/etc", _temp["none"]], [], []) }, "confinement.read");
        }
    }

    [Fact]
    public void Another_process_cannot_be_traced()
    {
        const string trace = "my $target = $ARGV[0]; $! = 0; my $r = syscall(101, 16, $target, 0, 0); print $r == 0 ? 'traced' : \"refused $!\";";
        using ChildProcess victim = _child.Spawn(Shell("exec sleep 1000"));
        try
        {
            var attack = Perl(trace) with { Arguments = ["perl", "-e", trace, victim.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)] };
            Assert.Equal("refused Operation not permitted", _child.Text(attack with { Confinement = new Rules { Seccomp = SeccompProfile.Default } }));
        }
        finally
        {
            victim.TrySignal(Signal.SIGKILL);
            _ = Processes.Await.Exit(victim);
        }
    }

    [Fact]
    public void Namespaces_cannot_be_made_and_nothing_mounted()
    {
        string script = $"unshare -U true && echo new; unshare -m true && echo new; mount -t tmpfs none {_temp["mine"]} && echo mounted; echo end";
        string text = _child.Text(Shell(script) with { Confinement = new Rules { Seccomp = SeccompProfile.Default } });
        Assert.DoesNotContain("new\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("mounted\n", text, StringComparison.Ordinal);
        Assert.EndsWith("end\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_the_profile_for_namespaces_these_can_be_made_and_the_kernel_is_left_alone()
    {
        // Of kexec_load, bpf, perf_event_open, userfaultfd, keyctl, swapoff, settimeofday, init_module and io_uring_setup none does anything with such arguments.
        const string calls = """
            my @calls = qx(uname -m) =~ /x86_64/ ? (246, 321, 298, 323, 250, 168, 164, 175, 425) : (104, 280, 241, 282, 219, 225, 170, 105, 425);
            print join(' ', map { $! = 0; syscall($_, -1, 0, 0, 0, 0); $!{EPERM} ? 'EPERM' : "$_: $!" } @calls);
            """;
        var rules = new Rules { Seccomp = SeccompProfile.Namespaces };
        Assert.Equal(string.Join(' ', Enumerable.Repeat("EPERM", 9)), _child.Text(Perl(calls) with { Confinement = rules }));
        Assert.NotEqual(string.Join(' ', Enumerable.Repeat("EPERM", 9)), _child.Text(Perl(calls)));
        Assert.Equal("new\n", _child.Text(Shell("unshare -U true && echo new") with { Confinement = rules }));
        Assert.Empty(SeccompFilter.CallsOfSandboxes.Except(SeccompFilter.DeniedCalls));
        // Programs in sandboxes inherit it: it takes nothing from them that their own filter leaves.
        Assert.Empty(SeccompFilter.DeniedCalls.Except(SeccompFilter.CallsOfSandboxes).Except(SandboxFilter.DeniedCalls));
    }

    [Fact]
    public void Kept_to_its_own_processes_it_can_neither_signal_nor_trace_others_nor_meet_them_at_an_abstract_socket()
    {
        const string reach = """
            use Socket; my ($target, $name) = @ARGV; my $mine = fork() // die; if ($mine == 0) { exec 'sleep', '1000' }
            sub said { $_[0] ? 'reached' : "refused $!" }
            my $trace = qx(uname -m) =~ /x86_64/ ? 101 : 117;
            socket(my $s, AF_UNIX, SOCK_STREAM, 0);
            print join("\n", said(kill(0, $target)), said(kill(0, $mine)), said(syscall($trace, 16, $target, 0, 0) == 0), said(syscall($trace, 16, $mine, 0, 0) == 0),
                said(defined readlink("/proc/$target/root")), said(defined readlink("/proc/$mine/root")), said(connect($s, pack('S', AF_UNIX) . "\0$name")));
            kill 9, $mine;
            """;
        using ChildProcess victim = _child.Spawn(Shell("exec sleep 1000"));
        string name = "strata-test-" + Guid.NewGuid().ToString("N");
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint("\0" + name));
        listener.Listen();
        try
        {
            var attack = Perl(reach) with { Arguments = ["perl", "-e", reach, victim.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), name] };
            if (!Landlock.CanScope)
            {
                AssertRefused(attack, new Rules { OwnProcesses = true }, "confinement.processes");
                return;
            }

            string[] confined = _child.Text(attack with { Confinement = new Rules { OwnProcesses = true } }).Split('\n');
            const string denied = "refused Operation not permitted";
            Assert.Equal([denied, "reached", denied, "reached", "refused Permission denied", "reached", denied], confined);
            string[] free = _child.Text(attack).Split('\n');
            Assert.Equal(("reached", "reached"), (free[0], free[^1]));
        }
        finally
        {
            victim.TrySignal(Signal.SIGKILL);
            _ = Processes.Await.Exit(victim);
        }
    }

    [Fact]
    public void Under_the_strict_profile_there_are_only_Unix_sockets()
    {
        Assert.Equal("open", _child.Text(Perl(InetSocket) with { Confinement = new Rules { Seccomp = SeccompProfile.Default } }));
        var strict = new Rules { Seccomp = SeccompProfile.Strict };
        Assert.Equal("refused Operation not permitted", _child.Text(Perl(InetSocket) with { Confinement = strict }));
        string unix = InetSocket.Replace("AF_INET", "AF_UNIX", StringComparison.Ordinal);
        Assert.Equal("open", _child.Text(Perl(unix) with { Confinement = strict }));
    }

    [Fact]
    public void Under_the_strict_profile_no_second_program_runs()
    {
        string text = _child.Text(Shell("echo first; /bin/echo second; echo third") with { Confinement = new Rules { Seccomp = SeccompProfile.Strict } });
        Assert.StartsWith("first\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nsecond\n", text, StringComparison.Ordinal);
        Assert.EndsWith("third\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_network_nobody_is_reached()
    {
        const string connect = "use Socket; socket(S, AF_INET, SOCK_DGRAM, 0) or die; print connect(S, pack_sockaddr_in(9, inet_aton('192.0.2.1'))) ? 'reached' : \"refused $!\";";
        var rules = new Rules { NoNetwork = true };
        if (!IsRoot)
        {
            AssertRefused(Perl(connect), rules, "confinement.network");
            return;
        }

        Assert.Equal("refused Network is unreachable", _child.Text(Perl(connect) with { Confinement = rules }));
    }

    [Fact]
    public void A_private_tmp_is_empty_and_what_is_written_there_stays_there()
    {
        string name = Path.GetFileName(_temp.Path);
        var request = Shell($"ls -A /tmp; cat {_temp["mine/own"]}; cat {_temp["theirs/secret"]}; echo x > /tmp/{name}-left && cat /tmp/{name}-left");
        var rules = new Rules { PrivateTmp = true, KeptInTmp = [_temp["mine"]] };
        if (!IsRoot)
        {
            AssertRefused(request, rules, "confinement.private_tmp");
            return;
        }

        string text = _child.Text(request with { Confinement = rules });
        Assert.StartsWith($"{name}\nown", text, StringComparison.Ordinal);
        Assert.Contains("theirs/secret: No such file", text, StringComparison.Ordinal);
        Assert.EndsWith("x\n", text, StringComparison.Ordinal);
        Assert.False(File.Exists($"/tmp/{name}-left"));
        var both = rules with { Files = Landlock.Version > 0 ? new FileRules([_temp["mine"]], [], []) : null };
        Assert.EndsWith("x\n", _child.Text(request with { Confinement = both }), StringComparison.Ordinal);
    }

    private void AssertRefused(SpawnRequest request, Rules rules, string field) =>
        Assert.Equal(field, Assert.Throws<ConfinementException>(() => _child.Spawn(request with { Confinement = rules })).Field);
}
