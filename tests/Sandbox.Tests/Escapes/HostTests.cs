using System.Diagnostics;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Attacks on what is the host's own: its processes, clock, control groups, settings, and the files that links of an image name.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task A_process_of_the_host_is_not_there_to_be_looked_into_or_signalled()
    {
        await using var fixture = new EngineFixture();
        using var victim = Process.Start(new ProcessStartInfo("/usr/bin/sleep", ["1000"]))!;
        try
        {
            string attack = $$"""
                print(attempt(lambda: os.kill({{victim.Id}}, 18)), attempt(lambda: os.readlink('/proc/{{victim.Id}}/exe')), attempt(lambda: os.close(os.pidfd_open({{victim.Id}}))))
                print(call(101, 117, 16, {{victim.Id}}, 0, 0), flush=True)
                """;
            foreach (int user in Attack.Users(fixture))
            {
                var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });
                var said = await Attack.InsideAsync(sandbox, attack, user);
                Assert.True(said.Output is "ESRCH ENOENT ESRCH\nESRCH\n" or "ESRCH ENOENT EPERM\nESRCH\n", said.ToString());
            }

            // What asked is gone, and whoever it traced with it goes on.
            Assert.StartsWith("done done done\n", await Attack.OutsideAsync(attack), StringComparison.Ordinal);
        }
        finally
        {
            victim.Kill();
            await victim.WaitForExitAsync().Soon();
        }
    }

    [Fact]
    public async Task The_hosts_clock_goes_on_as_it_went()
    {
        await using var fixture = new EngineFixture();
        long began = Stopwatch.GetTimestamp();
        var before = TimeProvider.System.GetUtcNow();
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });

            var said = await Attack.InsideAsync(sandbox, """
                zero = ctypes.create_string_buffer(16)
                step = ctypes.create_string_buffer(struct.pack('<I4xq', 0x0100, 3600) + bytes(300))
                print(call(227, 112, 0, zero), call(164, 170, zero, None), call(159, 171, step), call(305, 266, 0, step), attempt(lambda: time.clock_settime(0, 0)))
                print(attempt(lambda: os.close(os.open('/dev/rtc0', os.O_WRONLY))))
                """, user);

            Assert.Equal("EPERM EPERM EPERM EPERM EPERM\nENOENT\n", said.Output);
        }

        var drift = TimeProvider.System.GetUtcNow() - before - Stopwatch.GetElapsedTime(began);
        Assert.InRange(drift, TimeSpan.FromMinutes(-10), TimeSpan.FromMinutes(10));
        // To read it is nobody's harm.
        Assert.Equal("done\n", await Attack.OutsideAsync("print(call(159, 171, ctypes.create_string_buffer(400)))"));
    }

    [Fact]
    public async Task No_control_group_is_seen_mounted_or_left()
    {
        await using var fixture = new EngineFixture();
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user, AllowsUserNamespaces = true, Limits = new SandboxLimits(Processes: 64) });

            var said = await Attack.InsideAsync(sandbox, """
                print(sum(1 for line in open('/proc/self/cgroup') if '..' in line or 'strata' in line), sum(' cgroup' in line for line in open('/proc/self/mountinfo')), flush=True)
                if os.fork() == 0:
                    call(272, 97, 0x10000000 | 0x20000)
                    for kind in (b'cgroup2', b'cgroup'):
                        print(call(165, 40, b'x', b'/tmp', kind, 0, b'memory' if kind == b'cgroup' else None))
                    print(sum(os.path.exists('/tmp/' + name) for name in ('release_agent', 'notify_on_release', 'cgroup.procs')), flush=True)
                    os._exit(0)
                os.wait()
                """, user);

            Assert.StartsWith("0 0\n", said.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("done", said.Output, StringComparison.Ordinal);
            Assert.EndsWith("\n0\n", said.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_setting_of_the_kernel_can_be_opened_for_writing()
    {
        await using var fixture = new EngineFixture();
        const string Search = """
            # Of the sandbox's own namespaces, which end with it: System V's memory and messages, POSIX queues, process ids.
            own = ('msg', 'sem', 'shm', 'auto_msgmni', 'pid_max', 'ns_last_pid')
            attempt(lambda: open('/proc/sys/kernel/msgmni', 'w').write('7'))
            found = []
            for top in ('/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/acpi', '/proc/scsi', '/sys'):
                for place, _, names in os.walk(top):
                    for name in names:
                        if not place.endswith('/mqueue') and not name.startswith(own) and attempt(lambda: os.close(os.open(place + '/' + name, os.O_WRONLY | os.O_NONBLOCK))) == 'done':
                            found.append(place + '/' + name)
            for name in ('sysrq-trigger', 'kcore', 'kmsg', 'timer_list', 'latency_stats', 'mtrr'):
                if attempt(lambda: os.close(os.open('/proc/' + name, os.O_WRONLY | os.O_NONBLOCK))) == 'done':
                    found.append(name)
            print(found)
            """;
        string before = File.ReadAllText("/proc/sys/kernel/msgmni");
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });

            Assert.Equal("[]\n", (await Attack.InsideAsync(sandbox, Search, user)).Output);
        }

        Assert.Equal(before, File.ReadAllText("/proc/sys/kernel/msgmni"));

        // Opened and closed, nothing is changed: whoever may write there outside can open them.
        Assert.True(UserId.Effective != 0 || await Attack.OutsideAsync("print(attempt(lambda: os.close(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY))))") == "done\n");
    }

    [Fact]
    public async Task Links_of_an_image_in_the_place_of_its_directories_lead_nowhere_on_the_host()
    {
        await using var fixture = new EngineFixture();
        string host = Directory.CreateDirectory(Path.Combine(fixture.Directory, "host")).FullName;
        string layer = Directory.CreateDirectory(Path.Combine(fixture.Directory, "layer")).FullName;
        Directory.CreateDirectory(Path.Combine(layer, "bin"));
        File.Copy("/bin/busybox", Path.Combine(layer, "bin", "sh"));
        FileOwner.Give(layer, SandboxIds.OnDisk.OnHost(0));
        File.SetUnixFileMode(host, (UnixFileMode)0x1FF);
        foreach (string name in (string[])["etc", "run", "tmp", "proc", "dev", "home", "workspace", "var", "root"])
        {
            File.CreateSymbolicLink(Path.Combine(layer, name), host);
        }

        foreach (int user in Attack.Users(fixture))
        {
            ISandbox? sandbox = null;
            try
            {
                sandbox = await fixture.CreateAsync(fixture.Plan() with { Layers = [layer], User = user });
            }
            catch (SandboxException e)
            {
                // Refused in words is as good as made without the host.
                Assert.NotEmpty(e.Message);
            }

            if (sandbox is not null)
            {
                await sandbox.RunAsync(user, "/bin/sh", "-c", "for d in /etc /run /tmp /proc /dev /home /workspace /var /root; do echo x > $d/planted; done");
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(host));
        }
    }
}
