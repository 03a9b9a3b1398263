using System.Globalization;
using Strata.Linux.Tests.Processes;
using static Strata.Linux.Tests.Confinement.ConfinedChild;
using Rules = Strata.Linux.Confinement;

namespace Strata.Linux.Tests.Confinement;

[Collection(nameof(ProcessWideState))]
public sealed class ConfinedSpawnTests : IDisposable
{
    private readonly ConfinedChild _child = new();
    private readonly TempDirectory _temp = new();

    public void Dispose()
    {
        _child.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void Limits_hold_from_the_first_instruction_and_cannot_be_raised()
    {
        var limited = Shell("ulimit -Sn; ulimit -Hn; ulimit -n 100 2>&1 || echo refused") with { Limits = new ResourceLimits { OpenFiles = 33 } };
        string[] lines = _child.Text(limited with { Confinement = new Rules { KeepCapabilities = [] } }).Split('\n');
        Assert.Equal(["33", "33"], lines[..2]);
        Assert.DoesNotContain("100", lines);
    }

    [Fact]
    public void The_store_of_Nix_is_open_to_a_child_with_paths_as_the_folders_of_programs_are()
    {
        bool made = !Directory.Exists("/nix");
        Assert.SkipUnless(Landlock.Version > 0 && (IsRoot || !made), "needs Landlock, and Nix or the right to make its folder");
        _ = Directory.CreateDirectory("/nix/store");
        try
        {
            var request = Shell("ls /nix/store > /dev/null && echo open; ls /var > /dev/null 2>&1 || echo closed") with { Confinement = new Rules { Files = new FileRules([], ["/dev/null"], []) } };
            Assert.Equal("open\nclosed\n", _child.Text(request));
        }
        finally
        {
            if (made)
            {
                Directory.Delete("/nix", recursive: true);
            }
        }
    }

    [Fact]
    public void A_limit_of_the_child_is_not_one_of_ours()
    {
        OpenFileLimit before = OpenFileLimit.Get();
        _ = _child.Text(Shell(":") with { Limits = new ResourceLimits { OpenFiles = 33 }, Confinement = new Rules() });
        Assert.Equal(before, OpenFileLimit.Get());
    }

    [Fact]
    public void An_address_space_limit_refuses_a_memory_hog()
    {
        var hog = Perl("my $x = 'a' x (512 << 20); print 'had it';") with { Limits = new ResourceLimits { AddressSpaceBytes = 256 << 20 }, Confinement = new Rules() };
        Assert.DoesNotContain("had it", _child.Text(hog), StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_above_our_own_is_an_error_that_names_the_field()
    {
        var request = Shell(":") with { Limits = new ResourceLimits { OpenFiles = long.MaxValue }, Confinement = new Rules() };
        Assert.Equal("limits.open_files", Assert.Throws<ConfinementException>(() => _child.Spawn(request)).Field);
    }

    [Fact]
    public void A_program_that_is_not_there_is_the_same_error_confined_or_held()
    {
        var missing = Shell(":") with { Program = _temp["none"], Confinement = new Rules(), Limits = new ResourceLimits { OpenFiles = 64 } };
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => _child.Spawn(missing)).Errno);
        var strict = missing with { Confinement = new Rules { Seccomp = SeccompProfile.Strict } };
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => _child.Spawn(strict)).Errno);
    }

    [Fact]
    public void A_child_armed_against_its_parents_death_lives_until_it_is_disposed()
    {
        using var pipe = Pipe.Create();
        var request = HelperProgram.Request("arm", pipe.Writer.Number, $"EXPECTED_PARENT={Environment.ProcessId}") with { Confinement = new Rules() };
        ChildProcess child = _child.Spawn(request);
        using FileDescriptor handle = FileDescriptor.Duplicate(child.Handle.Number);
        Assert.StartsWith("armed ", Await.Chunk(pipe.Reader), StringComparison.Ordinal);
        Assert.Equal(1, _child.Text(Shell("echo another") with { Confinement = new Rules() }).Count(c => c == '\n'));
        Assert.Equal(0, child.TryPeekExit(out _));
        int pid = child.Pid;
        child.Dispose();
        Await.Readable(handle);
        using ChildProcess ended = ChildProcess.Open(pid, leadsGroup: false);
        Assert.Equal(Signal.SIGKILL, Await.Exit(ended).Signal);
    }

    [Fact]
    public void Another_users_child_is_limited_or_the_spawn_says_which_capability_it_takes()
    {
        if (!IsRoot)
        {
            return; // Nobody else can become another user.
        }

        var request = Shell("ulimit -n") with { Limits = new ResourceLimits { OpenFiles = 33 }, Confinement = new Rules { User = new ProcessUser(65534, 65534) } };
        try
        {
            Assert.Equal("33\n", _child.Text(request));
        }
        catch (ConfinementException e)
        {
            Assert.Equal("limits.open_files", e.Field);
            Assert.Contains("CAP_SYS_RESOURCE", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Our_own_threads_stay_as_they_are()
    {
        string[] before = Threads();
        var everything = Shell("grep NoNewPrivs /proc/self/status") with
        {
            Confinement = new Rules
            {
                KeepCapabilities = [],
                Files = Landlock.Version > 0 ? new FileRules(["/etc"], [], []) : null,
                Seccomp = SeccompProfile.Default,
                User = IsRoot ? new ProcessUser(65534, 65534) : null,
                NoNetwork = IsRoot,
                PrivateTmp = IsRoot,
            },
        };
        Assert.Equal("NoNewPrivs:\t1\n", _child.Text(everything));
        Assert.Equal(before, Threads());
        File.WriteAllText(_temp["still"], "may write");
        Assert.Equal("free\n", _child.Text(Shell($"cat {_temp["still"]} > /dev/null && echo free")));
        using var children = new ConfinedChild();
        Assert.Equal(before[0], children.Text(Shell("grep -E '^(Uid|Gid|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status")));
    }

    /// <summary>Every thread's view of itself, without those that belong to a living child.</summary>
    private static string[] Threads()
    {
        string[] fields = ["Uid:", "Gid:", "CapBnd:", "NoNewPrivs:", "Seccomp:"];
        var found = new HashSet<string>();
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string[] status = File.ReadAllLines(thread + "/status");
                if (!status[0].Contains("confined spawn", StringComparison.Ordinal))
                {
                    found.Add(string.Concat(status.Where(l => fields.Any(f => l.StartsWith(f, StringComparison.Ordinal))).Select(l => l + "\n")));
                }
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Spawns_in_a_row_leave_no_thread_and_no_descriptor()
    {
        var request = Shell(":") with { Confinement = new Rules { Seccomp = SeccompProfile.Default }, Limits = new ResourceLimits { OpenFiles = 64 } };
        _ = _child.Run(request);
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, _child.Run(request).Exit.Code);
        }

        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, descriptors + 2);
        Await.Until(() => ConfinedThreads() == 0);
    }

    private static int ConfinedThreads() => Directory.EnumerateDirectories("/proc/self/task").Count(thread =>
    {
        try
        {
            return File.ReadAllText(thread + "/comm").StartsWith("confined spawn", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
