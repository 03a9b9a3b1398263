using System.Diagnostics;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Processes;

public class SignalAndPipeTests
{
    private const string Event = """{"seq":1,"time":"2026-01-02T03:04:05Z","event":"svc.start","service":"fs"}""";

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_a_stream_with_130_and_nothing_on_standard_error(string signal)
    {
        await using var node = new FakeNode("supervisor").On("supervisor.events", _ => FakeAnswer.Items(staysOpen: true, Event));
        using var process = CtlProcess.Start(node, CtlProcess.Program, "events", "-f", "--json");
        using var limit = new CancellationTokenSource(CtlProcess.Patience);
        Assert.Equal(Event, await process.StandardOutput.ReadLineAsync(limit.Token));
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal((130, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(limit.Token)));
    }

    [Fact]
    public async Task A_reader_that_leaves_ends_the_program_quietly_and_early()
    {
        const long endless = 1L << 40;
        var data = Convert.ToBase64String(new byte[400_000]);
        await using var node = new FakeNode("registry", "fs")
            .On("fs.open", """{"handle":"h"}""")
            .On("fs.close", """{"status":"closed"}""")
            .On("fs.read", request => FakeAnswer.Result(
                $$"""{"data_b64":"{{data}}","bytes_read":400000,"eof":{{(request.Params.GetProperty("offset").GetInt64() >= endless ? "true" : "false")}}}"""));
        var (code, output, error) = await CtlProcess.RunAsync(
            node, "bash", "-c", "set -o pipefail; \"$STRATA_CTL\" --token T fs cat endless | head -c 10 | wc -c; echo ${PIPESTATUS[0]}");
        Assert.Equal((0, "10\n141\n", ""), (code, output, error));
        node.Only("fs.close");
    }

    [Fact]
    public async Task Output_appends_to_a_file_that_others_write_to_as_well()
    {
        await using var node = new FakeNode("registry").On("registry.resolve", """{"endpoint":"unix:///r.sock","api_v":1}""");
        var file = Path.Join(node.Directory, "out");
        var script = $"exec >{file}; echo before; \"$STRATA_CTL\" registry resolve x; echo between; \"$STRATA_CTL\" registry resolve x; echo after";
        await CtlProcess.RunAsync(node, "bash", "-c", script);
        Assert.Equal("before\nunix:///r.sock\nbetween\nunix:///r.sock\nafter\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task The_program_as_a_process_gives_its_exit_codes()
    {
        await using var node = new FakeNode("registry").On("registry.list", """{"services":[]}""");
        Assert.Equal(0, (await CtlProcess.RunAsync(node, CtlProcess.Program, "registry.list")).Code);
        Assert.Equal(1, (await CtlProcess.RunAsync(node, CtlProcess.Program, "registry.bogus")).Code);
        Assert.Equal(2, (await CtlProcess.RunAsync(node, CtlProcess.Program, "bogus")).Code);
        Assert.Equal(3, (await CtlProcess.RunAsync(node, CtlProcess.Program, "status")).Code);
    }
}
