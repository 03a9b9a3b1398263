using System.Text;

namespace Strata.Linux.Tests;

public sealed class ScriptTests : IDisposable
{
    private readonly SpawnThread _thread = new();

    [Fact]
    public async Task A_process_works_off_its_script_and_becomes_the_first_program_that_is_there()
    {
        using var output = Pipe.Create(nonBlockingReader: false);
        var script = new CallScript();
        script.SetCreationMask(0x3F);
        script.ChangeDirectory("/usr");
        script.Execute(["/nowhere/sh", "/bin/sh/not", "/bin/sh"], ["sh", "-c", "umask; pwd; echo $WORD"], ["WORD=given"]);

        using var run = await ScriptRun.StartAsync(_thread, script, (null, output.Writer.Number, null), []).Soon();
        output.Writer.Dispose();

        Assert.Equal("0077\n/usr\ngiven\n", await Task.Run(() => ReadAll(output.Reader)).Soon());
        Assert.Equal((0, ""), await ReportAsync(run));
        Assert.Equal(0, (await ReapAsync(run.Process)).Code);
    }

    [Fact]
    public async Task The_call_that_ends_a_script_is_reported_with_its_result()
    {
        var script = new CallScript();
        script.ChangeDirectory("/nowhere");
        script.Execute(["/bin/true"], ["true"], []);

        using var run = await ScriptRun.StartAsync(_thread, script, (null, null, null), []).Soon();

        Assert.Equal((-Errno.ENOENT, "chdir"), await ReportAsync(run));
        Assert.Equal(127, (await ReapAsync(run.Process)).Code);
    }

    [Fact]
    public async Task Who_goes_on_for_a_process_is_our_child_and_known_by_its_number()
    {
        using var output = Pipe.Create(nonBlockingReader: false);
        var script = new CallScript();
        script.Continue();
        script.Execute(["/bin/sh"], ["sh", "-c", "echo $$ $PPID"], []);

        using var run = await ScriptRun.StartAsync(_thread, script, (null, output.Writer.Number, null), []).Soon();
        output.Writer.Dispose();

        (int pid, string call) = await ReportAsync(run);
        Assert.Equal(CallScript.ContinueName, call);
        Assert.Equal($"{pid} {Environment.ProcessId}\n", await Task.Run(() => ReadAll(output.Reader)).Soon());
        using var second = ChildProcess.OfChild(pid);
        Assert.Equal(0, (await ReapAsync(second)).Code);
        Assert.Equal(127, (await ReapAsync(run.Process)).Code);
    }

    [Fact]
    public async Task A_user_namespace_is_mapped_while_its_process_waits()
    {
        using var output = Pipe.Create(nonBlockingReader: false);
        using var told = Pipe.Create(nonBlockingReader: false);
        using var gate = Pipe.Create(nonBlockingReader: false);
        var script = new CallScript();
        script.Unshare(NamespaceKinds.Users);
        script.Tell(CallScript.FirstDescriptor);
        script.Await(CallScript.FirstDescriptor + 1);
        script.BecomeUser(0);
        script.Execute(["/bin/sh"], ["sh", "-c", "cat /proc/self/uid_map"], []);

        using var run = await ScriptRun.StartAsync(_thread, script, (null, output.Writer.Number, null), [told.Writer.Number, gate.Reader.Number]).Soon();
        output.Writer.Dispose();
        Assert.Equal(1, await Task.Run(() => Descriptors.TryRead(told.Reader.Number, new byte[1])).Soon());
        (uint first, uint count) = UserId.Effective == 0 ? (0x7000_0000u, 65536u) : (UserId.Effective, 1u);
        UserNamespace.Map(run.Process.Pid, first, count);
        _ = Descriptors.TryWrite(gate.Writer.Number, "1"u8);

        string[] map = (await Task.Run(() => ReadAll(output.Reader)).Soon()).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", $"{first}", $"{count}"], map);
        _ = await ReapAsync(run.Process);
    }

    [Fact]
    public void A_script_that_is_too_long_is_refused()
    {
        var script = new CallScript();
        for (int i = 0; i < CallScript.MaxCalls; i++)
        {
            script.NewSession();
        }

        Assert.Contains("1024", Assert.Throws<ArgumentException>(script.NewSession).Message, StringComparison.Ordinal);
        string text = new('x', CallScript.MaxDataBytes);
        Assert.Equal("E2BIG", Assert.Throws<LinuxException>(() => new CallScript().ChangeDirectory(text)).Name);
    }

    [Theory]
    [InlineData(false, 0x3E)]
    [InlineData(true, 0xB7)]
    public void Both_programs_are_executables_of_their_machine(bool arm64, int machine)
    {
        foreach (byte[] program in new[] { ScriptCode.Loader(arm64), ScriptCode.Init(arm64) })
        {
            Assert.Equal("\u007fELF\u0002\u0001\u0001\0", Encoding.ASCII.GetString(program, 0, 8));
            Assert.Equal((2, machine), (BitConverter.ToUInt16(program, 16), BitConverter.ToUInt16(program, 18)));
            Assert.Equal((ulong)program.Length, BitConverter.ToUInt64(program, 64 + 32));
        }
    }

    public void Dispose() => _thread.Dispose();

    private static async Task<(int Result, string Call)> ReportAsync(ScriptRun run)
    {
        int read = 0, result = 0;
        string call = "";
        await Patience.UntilAsync(() => (read = run.TryRead(out call, out result)) >= 0);
        return (result, call);
    }

    private static async Task<ProcessExit> ReapAsync(ChildProcess process)
    {
        ProcessExit exit = default;
        await Patience.UntilAsync(() => process.TryReap(out exit) == 1);
        return exit;
    }

    private static string ReadAll(FileDescriptor reader)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1024];
        for (int count; (count = Descriptors.TryRead(reader.Number, buffer)) > 0;)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
