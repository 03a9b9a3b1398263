using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Attacks of one sandbox on another, where each has users of its own.</summary>
public sealed class NeighbourTests
{
    private const int RangeBits = 16;

    private static readonly Lazy<EngineFinding> Ids = new(() =>
    {
        using var engine = new BubblewrapEngine();
        return engine.Report.Findings.Single(finding => finding.Name == "ids");
    });

    [Fact]
    public async Task Each_sandbox_that_lives_is_other_users_to_the_host_and_the_same_ones_inside()
    {
        await using var fixture = Apart();
        var ranges = new List<uint>();
        for (int i = 0; i < 3; i++)
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: i == 2 ? 8 << 20 : null) });
            using var sleeping = await SleepAsync(sandbox);

            Assert.Equal([sandbox.HostUser(1000)], LivingUsers.Of(() => File.ReadLines($"/proc/{sleeping.Pid}/status")).Distinct());
            Assert.Equal("1000 1000\n1000:1000\n", (await sandbox.ShellAsync("echo $(id -u) $(id -g); touch /workspace/mine; stat -c %u:%g /workspace/mine")).Output);
            ranges.Add(sandbox.HostUser(0) >> RangeBits);
        }

        Assert.Equal(3, ranges.Distinct().Count());
        Assert.DoesNotContain(SandboxIds.FirstOnDisk >> RangeBits, ranges);
    }

    [Fact]
    public async Task What_one_writes_in_a_workspace_is_the_next_ones_with_the_same_users_inside()
    {
        await using var fixture = Apart();
        string workspace = Directory.CreateDirectory(Path.Combine(fixture.Directory, "work")).FullName;
        var first = await fixture.CreateAsync(fixture.Plan() with { WorkspaceDirectory = workspace });
        var second = await fixture.CreateAsync(fixture.Plan() with { WorkspaceDirectory = workspace, Limits = new SandboxLimits(DiskBytes: 8 << 20) });
        await first.ShellAsync("cd /workspace; echo private >note; chmod 600 note; mkdir -m 700 closed; echo in >closed/note; chmod 777 .");
        await first.ShellAsync("echo root >/workspace/roots; chmod 600 /workspace/roots", user: 0);

        var said = await second.ShellAsync("cd /workspace; cat note closed/note; echo more >>note; stat -c '%n %u' note closed roots; cat roots");

        Assert.Equal("private\nin\nnote 1000\nclosed 1000\nroots 0\n", said.Output);
        Assert.Contains("Permission denied", said.Errors, StringComparison.Ordinal);
        Assert.Equal("private\nmore\n", (await first.ShellAsync("cat /workspace/note")).Output);
        Assert.True(FileStatus.TryGetNoFollow(Path.Combine(workspace, "note"), out var note) >= 0);
        Assert.Equal((SandboxIds.FirstOnDisk + 1000, SandboxIds.FirstOnDisk + 1000), (note.Uid, note.Gid));
    }

    [Fact]
    public async Task What_one_changed_is_made_anew_for_users_of_another_range()
    {
        await using var fixture = Apart();
        var plan = fixture.Plan() with { Layers = [Directory.CreateDirectory(Path.Combine(fixture.Directory, "layer")).FullName, "/usr"] };
        var hosts = fixture.Plan();
        foreach (var one in new[] { hosts, plan })
        {
            var sandbox = await fixture.CreateAsync(one);
            uint range = sandbox.HostUser(0);
            if (one == hosts)
            {
                await sandbox.ShellAsync("echo kept >/workspace/note; chmod 600 /workspace/note");
            }

            await sandbox.DisposeAsync();
            var between = await fixture.CreateAsync();
            var again = await fixture.CreateAsync(one);

            Assert.NotEqual(range, between.HostUser(0) == range ? again.HostUser(0) : range + 1);
            if (one == hosts)
            {
                Assert.Equal("1000 kept\n", (await again.ShellAsync("echo $(stat -c %u /workspace/note) $(cat /workspace/note)")).Output);
            }

            await between.DisposeAsync();
        }
    }

    [Fact]
    public async Task Root_of_one_reaches_no_process_of_another_not_even_from_where_it_could_see_it()
    {
        await using var fixture = Apart();
        var attacker = await fixture.CreateAsync(fixture.Plan() with { User = 0 });
        var victim = await fixture.CreateAsync();
        using var bystander = await SleepAsync(victim);

        var said = await Attack.InsideAsync(attacker, $"""
            print(attempt(lambda: os.kill({bystander.Pid}, 9)), call(101, 117, 16, {bystander.Pid}, 0, 0), attempt(lambda: open('/proc/{bystander.Pid}/mem', 'rb')))
            attempt(lambda: os.kill(-1, 9))
            """, user: 0);
        // As those would who got out of the namespaces of their sandbox, but are still the users that they were in it; and, last, as the bystander's own user does.
        string escaped = await Attack.OutsideAsync($"""
            def go(user):
                if os.fork() == 0:
                    os.setgroups([]); os.setresgid(user, user, user); os.setresuid(user, user, user)
                    print(attempt(lambda: os.kill({bystander.Pid}, 0)), call(101, 117, 16, {bystander.Pid}, 0, 0), attempt(lambda: os.listdir('/proc/{bystander.Pid}/fd')), attempt(lambda: open('/proc/{bystander.Pid}/environ').read()), flush=True)
                    os._exit(0)
                os.wait()
            go({attacker.HostUser(0)}); go({attacker.HostUser(1000)}); go({victim.HostUser(1000)})
            """);

        Assert.StartsWith("ESRCH ESRCH ENOENT\n", said.Output, StringComparison.Ordinal);
        Assert.Equal("EPERM EPERM EACCES EACCES\nEPERM EPERM EACCES EACCES\n", string.Concat(escaped.Split('\n')[..2].Select(line => line + "\n")));
        Assert.StartsWith("done ", escaped.Split('\n')[2], StringComparison.Ordinal);
        Assert.False(bystander.Exited.IsCompleted);
    }

    [Fact]
    public async Task What_the_kernel_gives_each_user_is_not_taken_from_another_sandbox()
    {
        await using var fixture = Apart();
        var attacker = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(OpenFiles: 4096, Processes: 64) });
        var victim = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(Processes: 64) });
        // All memory for pipes that one user has, and as many processes as there may be.
        using var output = Pipe.Create(nonBlockingReader: false);
        using var hog = await attacker.StartAsync(
            new SandboxedStart
            {
                Program = "python3", WorkingDirectory = "/", Environment = SandboxRuns.Environment, StandardOutput = output.Writer.Number,
                Arguments = ["python3", "-c", """
                    import fcntl, os, time
                    pipes = [os.pipe() for _ in range(1200)]
                    print(fcntl.fcntl(pipes[-1][0], 1032), flush=True)
                    try:
                        while True:
                            if os.fork() == 0: time.sleep(1000)
                    except OSError: print('full', flush=True)
                    time.sleep(1000)
                    """],
            },
            CancellationToken.None).Soon();
        output.Writer.Dispose();
        string hogged = await Task.Run(() =>
        {
            string text = "";
            byte[] buffer = new byte[64];
            for (int count; !text.Contains("full", StringComparison.Ordinal) && (count = Descriptors.TryRead(output.Reader.Number, buffer)) > 0;)
            {
                text += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
            }

            return text;
        }).Soon();

        var said = await Attack.InsideAsync(victim, """
            import fcntl
            children = [os.fork() or os._exit(0) for _ in range(1)] and []
            for _ in range(20):
                pid = os.fork()
                if pid == 0: os.read(os.pipe()[0], 1)
                children.append(pid)
            print(fcntl.fcntl(os.pipe()[0], 1032), len(children))
            for pid in children: os.kill(pid, 9)
            """);

        Assert.True(int.Parse(hogged.Split('\n')[0], CultureInfo.InvariantCulture) < 65536, $"a user of this machine has memory for more pipes: {hogged}");
        Assert.Contains("65536 20\n", said.Output, StringComparison.Ordinal);
        await hog.KillTreeAsync().Soon();
    }

    [Fact]
    public async Task A_set_user_id_file_lends_nobody_anything()
    {
        await using var fixture = Apart();
        string workspace = Directory.CreateDirectory(Path.Combine(fixture.Directory, "work")).FullName;
        var plan = fixture.Plan() with { WorkspaceDirectory = workspace };
        var first = await fixture.CreateAsync(plan);
        await first.ShellAsync("chmod 777 /workspace");
        Assert.Equal(0, (await first.ShellAsync("for to in /workspace /opt; do cp /usr/bin/id $to/id; chmod 6755 $to/id; done", user: 0)).Exit.Code);
        var second = await fixture.CreateAsync(fixture.Plan() with { WorkspaceDirectory = workspace });

        Assert.Equal("6755\n1000 1000\n", (await second.ShellAsync("stat -c %a /workspace/id; echo $(/workspace/id -u) $(/workspace/id -g)")).Output);
        foreach (string file in new[] { Path.Combine(workspace, "id"), Path.Combine(SandboxRoot.Upper(plan), "opt/id") })
        {
            Assert.True(FileStatus.TryGetNoFollow(file, out var status) >= 0);
            // Of users that are neither the host's nor a sandbox's that lives.
            Assert.Equal((0xDED, SandboxIds.FirstOnDisk, SandboxIds.FirstOnDisk), (status.Mode, status.Uid, status.Gid));
            Assert.DoesNotContain(status.Uid, new[] { first.HostUser(0), second.HostUser(0) });
        }
    }

    private static EngineFixture Apart()
    {
        Assert.SkipUnless(Ids.Value.Good, Ids.Value.What);
        return new EngineFixture();
    }

    private static Task<SandboxedProcess> SleepAsync(ISandbox sandbox) => sandbox.StartAsync(
        new SandboxedStart { Program = "sleep", Arguments = ["sleep", "1000"], Environment = SandboxRuns.Environment, WorkingDirectory = "/" }, CancellationToken.None).Soon();
}
