using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Calls by which programs have left sandboxes, or done their hosts harm.</summary>
public sealed class CallTests
{
    private static readonly (string What, string Code, string Inside, bool WorksOutside)[] Calls =
    [
        // What, the code, what comes of it inside, whether it is harmless and works on the host.
        ("a user namespace", "call(272, 97, 0x10000000)", "EPERM", true),
        ("a user namespace by clone", "call(56, 220, 0x10000000 | 17, 0, 0, 0, 0) if os.getpid() else 0", "EPERM", false),
        ("clone3, whose flags no filter sees", "call(435, 435, 0, 0)", "ENOSYS", false),
        ("entering the namespaces of the first process", "call(308, 268, os.open('/proc/self/ns/mnt', os.O_RDONLY), 0)", "EPERM", false),
        ("a device node of the first disk", "attempt(lambda: os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0)))", "EPERM", false),
        ("mounting a disk", "call(165, 40, b'/dev/vda', b'/tmp', b'ext4', 1, None)", "EPERM", false),
        ("mounting memory", "call(165, 40, b'x', b'/tmp', b'tmpfs', 0, None)", "EPERM", false),
        ("mounting /proc anew", "call(165, 40, b'proc', b'/tmp', b'proc', 0, None)", "EPERM", false),
        ("changing the root", "attempt(lambda: os.chroot('/tmp'))", "EPERM", false),
        ("the new calls for mounts: a tree", "call(428, 428, -100, b'/', 1)", "EPERM", false),
        ("the new calls for mounts: a file system", "call(430, 430, b'tmpfs', 0)", "EPERM", false),
        ("a ring of calls that no filter sees", "call(425, 425, 8, ctypes.create_string_buffer(120))", "EPERM", false),
        ("the kernel's keys", "call(250, 219, 0, -3, 0)", "EPERM", true),
        ("page faults in user space", "call(323, 282, 0)", "EPERM", false),
        ("programs in the kernel", "call(321, 280, 0, 0, 0)", "EPERM", false),
        ("counting the kernel's events", "call(298, 241, ctypes.create_string_buffer(128), 0, -1, -1, 0)", "EPERM", false),
        ("another kernel", "call(246, 104, 0, 0, 0, 0)", "EPERM", false),
        ("a module", "call(175, 105, 0, 0, b'')", "EPERM", false),
        ("files by handle: asking", "call(303, 264, -100, b'/', ctypes.create_string_buffer(b'\\x80\\0\\0\\0', 200), ctypes.create_string_buffer(8), 0)", "EPERM", true),
        ("files by handle: opening", "call(304, 265, -100, ctypes.create_string_buffer(200), 0)", "EPERM", false),
        ("quotas", "call(179, 60, 0, 0, 0, 0)", "EPERM", false),
        ("the kernel's messages", "call(103, 116, 10, 0, 0)", "EPERM", false),
        ("restarting the machine", "call(169, 142, 0, 0, 0, 0)", "EPERM", false),
        ("the machine's clock", "call(227, 112, 0, ctypes.create_string_buffer(16))", "EPERM", false),
        ("the host name", "call(170, 161, b'x', 1)", "EPERM", false),
        ("typing into a terminal", "call(16, 29, 0, 0x5412, b'x')", "EPERM", false),
        ("typing into a terminal, with bits that the kernel ignores", "call(16, 29, 0, 0x100005412, b'x')", "EPERM", false),
        ("the virtual machine's host", "attempt(lambda: socket.socket(40, 1))", "EAFNOSUPPORT", false),
        ("the kernel's ciphers", "attempt(lambda: socket.socket(38, 5))", "EAFNOSUPPORT", false),
        ("packets", "attempt(lambda: socket.socket(17, 3))", "EAFNOSUPPORT", false),
        ("raw packets", "attempt(lambda: socket.socket(2, 3, 1))", "EPERM", false),
        ("calls that came after the filter was written", "call(470, 470, 0, 0)", "ENOSYS", false),
        ("looking into the first process", "call(101, 117, 16, 1, 0, 0)", "EPERM", false),
        ("the first process's memory", "attempt(lambda: open('/proc/1/mem', 'rb'))", "EACCES", false),
        ("the first process's program", "attempt(lambda: os.readlink('/proc/1/exe'))", "EACCES", false),
        ("the kernel's settings", "attempt(lambda: open('/proc/sys/kernel/core_pattern', 'w'))", "EACCES", false),
        ("the kernel's emergency keys", "attempt(lambda: open('/proc/sysrq-trigger', 'w'))", "EROFS or EACCES or ENOENT", false),
        ("the kernel's memory", "attempt(lambda: open('/proc/kcore', 'rb').read(1))", "EACCES or ENOENT", false),
        ("the devices' tree", "attempt(lambda: os.listdir('/sys'))", "ENOENT", true),
        ("the control groups", "attempt(lambda: os.listdir('/sys/fs/cgroup'))", "ENOENT", false),
        ("the host's memory as a device", "attempt(lambda: open('/dev/mem', 'rb'))", "ENOENT", false),
    ];

    [Fact]
    public async Task No_call_that_has_served_to_leave_a_sandbox_works_for_any_user_inside()
    {
        await using var fixture = new EngineFixture();
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });

            var said = await Attack.InsideAsync(sandbox, string.Join('\n', Calls.Select(row => $"print({row.Code}, flush=True)")));

            Assert.Equal("", said.Errors);
            Assert.All(Calls.Zip(said.Output.Split('\n')), one => Assert.True(one.First.Inside.Split(" or ").Contains(one.Second), $"{one.First.What}: {one.Second}"));
            Assert.Equal(Calls.Length, said.Output.Count(c => c == '\n'));
        }
    }

    /// <summary>What root may do without harm, in a process that then ends.</summary>
    [Theory]
    [InlineData("changing the root")]
    [InlineData("the new calls for mounts: a tree")]
    [InlineData("the new calls for mounts: a file system")]
    [InlineData("packets")]
    [InlineData("raw packets")]
    public async Task Root_can_do_some_of_them_on_the_host(string what)
    {
        Assert.SkipUnless(UserId.Effective == 0, "takes root");
        Assert.Equal("done\n", await Attack.OutsideAsync($"print({Calls.Single(row => row.What == what).Code})"));
    }

    [Fact]
    public async Task What_mounts_and_makes_devices_works_for_root_where_nobody_else_sees_it()
    {
        Assert.SkipUnless(UserId.Effective == 0, "takes root");
        // The mount namespace and the host name are its own, and go with it; the node is removed at once.
        Assert.Equal("done done done done done\n", await Attack.OutsideAsync("""
            own = call(272, 97, 0x20000 | 0x4000000)
            if own != 'done': sys.exit(own)
            private = call(165, 40, b'none', b'/', None, 0x40000 | 0x4000, None)
            node = '/tmp/strata-test-' + str(os.getpid())
            made = attempt(lambda: os.mknod(node, 0o20600, os.makedev(1, 3)))
            attempt(lambda: os.unlink(node))
            print(own, private, call(165, 40, b'x', b'/tmp', b'tmpfs', 0, None), call(170, 161, b'x', 1), made)
            """));
    }

    [Fact]
    public async Task Some_of_them_do_work_on_the_host()
    {
        foreach (var row in Calls.Where(row => row.WorksOutside))
        {
            Assert.Equal($"{row.What}: done\n", $"{row.What}: {await Attack.OutsideAsync($"print({row.Code})")}");
        }
    }

    [Theory]
    [InlineData("the 32-bit calls of the machine", "b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3'")]
    [InlineData("the calls with 32-bit pointers", "b'\\xb8\\x27\\0\\0\\x40\\x0f\\x05\\xc3'")]
    public async Task Whoever_uses_another_abi_is_killed(string abi, string code)
    {
        Assert.SkipWhen(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64, "only this machine's kernel has other ABIs");
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var said = await Attack.InsideAsync(sandbox, $"""
            import mmap
            page = mmap.mmap(-1, 4096, prot=7)
            page.write({code})
            print('ready', flush=True)
            ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
            print('{abi} worked')
            """);

        Assert.Equal(("ready\n", 31), (said.Output, said.Exit.Signal)); // SIGSYS
    }

    [Fact]
    public async Task A_user_inside_becomes_no_other_one()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var said = await Attack.InsideAsync(sandbox, "print(attempt(lambda: os.setuid(0)), attempt(lambda: os.setgid(0)), attempt(lambda: os.setgroups([0])))");

        Assert.DoesNotContain("done", said.Output, StringComparison.Ordinal);
        Assert.Equal("", (await sandbox.ShellAsync("find / -xdev -perm -4000 -newer /nonexistent 2>/dev/null; su -c id 2>/dev/null </dev/null | grep uid=0")).Output);
    }

    [Fact]
    public async Task A_sandbox_that_may_make_user_namespaces_mounts_in_them_and_still_not_with_the_new_calls()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { AllowsUserNamespaces = true });

        var said = await Attack.InsideAsync(sandbox, """
            print(call(272, 97, 0x10000000 | 0x20000), call(165, 40, b'x', b'/tmp', b'tmpfs', 0, None), call(428, 428, -100, b'/', 1))
            print(attempt(lambda: os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0))))
            """);

        Assert.StartsWith("done done EPERM\nE", said.Output, StringComparison.Ordinal);
    }
}
