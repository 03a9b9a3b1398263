using System.Text;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class TerminalTests
{
    [Fact]
    public async Task A_program_in_a_terminal_has_it_for_its_own_under_a_name_it_can_open()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var terminal = sandbox.OpenTerminal(33, 101);
        using var process = await sandbox.StartAsync(
            new SandboxedStart
            {
                Program = "sh", Arguments = ["sh", "-c", "tty; stty size; echo own >/dev/tty; echo name >$(tty); read line; stty size; echo got $line"],
                Environment = SandboxRuns.Environment, Terminal = terminal, WorkingDirectory = "/",
            },
            CancellationToken.None).Soon();
        var text = new StringBuilder();
        await ReadUntilAsync(terminal, text, "name\r\n");

        terminal.Resize(40, 120);
        _ = Descriptors.TryWrite(terminal.Controller.Number, "word\n"u8);
        await ReadUntilAsync(terminal, text, "got word\r\n");

        Assert.Equal("/dev/pts/0\r\n33 101\r\nown\r\nname\r\nword\r\n40 120\r\ngot word\r\n", text.ToString());
        Assert.Equal(0, (await process.Exited.Soon()).Code);
    }

    [Fact]
    public async Task Interrupt_of_a_terminal_reaches_the_program_in_it()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var terminal = sandbox.OpenTerminal(24, 80);
        using var process = await sandbox.StartAsync(
            new SandboxedStart { Program = "sh", Arguments = ["sh", "-c", "echo up; exec sleep 1000"], Environment = SandboxRuns.Environment, Terminal = terminal, WorkingDirectory = "/" },
            CancellationToken.None).Soon();
        await ReadUntilAsync(terminal, new StringBuilder(), "up\r\n");

        _ = Descriptors.TryWrite(terminal.Controller.Number, "\u0003"u8);

        Assert.Equal(Signal.SIGINT, (await process.Exited.Soon()).Signal);
    }

    private static Task ReadUntilAsync(SandboxTerminal terminal, StringBuilder text, string end) => Patience.UntilAsync(() =>
    {
        byte[] buffer = new byte[1024];
        int count = Descriptors.TryRead(terminal.Controller.Number, buffer);
        text.Append(Encoding.UTF8.GetString(buffer, 0, Math.Max(0, count)));
        return text.ToString().EndsWith(end, StringComparison.Ordinal);
    });
}
