using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Attacks on processes while they enter a sandbox, on the service, and on the host.</summary>
public sealed class EnteringTests
{
    // Goes for every process that is on its way in: it bears the loader's name until its program runs.
    private const string Hunter = """
        seen = caught = 0
        buffer = ctypes.create_string_buffer(64)
        def entering(pid):
            try:
                return open(f'/proc/{pid}/comm').read() == 'strata-enter\n'
            except OSError:
                return False
        def steal(pid):
            global caught
            for name in ('mem', 'environ', 'maps', 'fd', 'fdinfo', 'root', 'cwd', 'exe'):
                path = f'/proc/{pid}/{name}'
                try:
                    if name in ('fd', 'fdinfo'):
                        for one in os.listdir(path): os.open(path + '/' + one, os.O_RDONLY)
                    elif name in ('root', 'cwd', 'exe'):
                        os.readlink(path)
                    else:
                        open(path, 'rb').read(16)
                    if entering(pid):
                        caught += 1
                        print('caught', name, flush=True)
                except OSError:
                    pass
            if call(101, 117, 16, pid, 0, 0) == 'done':
                os.waitpid(pid, 0x40000000)
                if entering(pid):
                    caught += 1
                    print('caught by ptrace', flush=True)
                call(101, 117, 17, pid, 0, 0)
                attempt(lambda: os.kill(pid, 18)) # Its program runs by now, and that may be traced.
        print('up', flush=True)
        mine = str(os.getpid())
        while not os.path.exists('/tmp/stop'):
            for pid in os.listdir('/proc'):
                if pid.isdigit() and pid not in ('1', mine) and entering(pid):
                    seen += 1
                    steal(int(pid))
        print('seen' if seen else 'blind', 'caught', caught, flush=True)
        """;

    [Fact]
    public async Task Who_enters_is_out_of_reach_of_those_inside_until_its_program_runs()
    {
        await using var fixture = new EngineFixture();
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });
            var hunts = new[] { Attack.InsideAsync(sandbox, Hunter, user), Attack.InsideAsync(sandbox, Hunter, user) };
            for (int i = 0; i < 300; i++)
            {
                // Longer lists of calls before the program: a search through places where it is not.
                using var process = await sandbox.StartAsync(
                    new SandboxedStart { Program = "true", Arguments = ["true"], Environment = ["PATH=" + string.Concat(Enumerable.Repeat("/nowhere:", 200)) + "/usr/bin"], WorkingDirectory = "/" },
                    CancellationToken.None).Soon();
                _ = await process.Exited.Soon();
            }

            _ = await sandbox.ShellAsync("echo >/tmp/stop");
            var said = await Task.WhenAll(hunts).Soon();

            Assert.All(said, one => Assert.EndsWith(" caught 0\n", one.Output, StringComparison.Ordinal));
            Assert.Contains(said, one => one.Output.EndsWith("seen caught 0\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Whoever_inside_kills_all_it_can_kills_neither_the_service_nor_the_sandbox()
    {
        await using var fixture = new EngineFixture();
        foreach (int user in Attack.Users(fixture))
        {
            var sandbox = await fixture.CreateAsync(fixture.Plan() with { User = user });
            var other = await fixture.CreateAsync();
            using var bystander = await other.StartAsync(new SandboxedStart { Program = "sleep", Arguments = ["sleep", "1000"], Environment = SandboxRuns.Environment, WorkingDirectory = "/" }, CancellationToken.None).Soon();

            var said = await Attack.InsideAsync(sandbox, $$"""
                print(attempt(lambda: os.kill({{Environment.ProcessId}}, 9)), attempt(lambda: os.kill({{bystander.Pid}}, 9)))
                attempt(lambda: os.kill(1, 9))
                attempt(lambda: os.kill(-1, 9))
                print(os.readlink('/proc/self'), flush=True)
                """, user);

            Assert.StartsWith("ESRCH ESRCH\n", said.Output, StringComparison.Ordinal);
            Assert.False(bystander.Exited.IsCompleted);
            Assert.Equal("alive\n", (await sandbox.ShellAsync("echo alive")).Output);
        }
    }

    [Fact]
    public async Task No_process_of_the_host_and_no_file_of_it_is_seen()
    {
        await using var fixture = new EngineFixture();
        string secret = Path.Combine(fixture.Directory, "secret");
        File.WriteAllText(secret, "secret");
        File.SetUnixFileMode(secret, (UnixFileMode)0x1FF);
        var sandbox = await fixture.CreateAsync();

        var said = await sandbox.ShellAsync($"ls -d /proc/[0-9]* | wc -l; cat {secret} /etc/shadow /proc/1/root{secret} /etc/gshadow; ls /home /tmp /var/lib");

        Assert.Equal("sandbox", said.Output.Split("/home:\n")[1].Split('\n')[0]);
        Assert.InRange(int.Parse(said.Output.Split('\n')[0]), 2, 6);
        Assert.DoesNotContain("secret\n", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosts_loopback_and_its_sockets_without_a_file_are_out_of_reach()
    {
        await using var fixture = new EngineFixture();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        string name = $"strata-test-{Guid.NewGuid():n}";
        using var named = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        named.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint("\0" + name));
        named.Listen();
        string attack = $$"""
            print(attempt(lambda: socket.create_connection(('127.0.0.1', {{port}}))))
            print(attempt(lambda: socket.socket(socket.AF_UNIX).connect('\0{{name}}')))
            """;
        var sandbox = await fixture.CreateAsync();

        Assert.Equal("ECONNREFUSED\nECONNREFUSED\n", (await Attack.InsideAsync(sandbox, attack)).Output);
        Assert.Equal("done\ndone\n", await Attack.OutsideAsync(attack));
    }
}
