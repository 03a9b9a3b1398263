using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class EventsTests
{
    private const string Start = """{"seq":1,"time":"2026-01-02T03:04:05.678Z","event":"svc.start","service":"fs","state":"Starting","pid":42}""";
    private const string Crash =
        """{"seq":2,"time":"2026-01-02T03:04:06.678Z","event":"svc.crash","service":"fs","state":"Crashed","cause":"signal 9","next":"start","next_in_ms":200}""";
    private const string Other = """{"seq":3,"time":"2026-01-02T03:04:07.678Z","event":"svc.healthy","service":"registry","state":"Healthy"}""";

    private const string CaughtUp = """{"seq":3,"time":"2026-01-02T03:04:08.678Z","event":"caught_up"}""";
    private const string Later = """{"seq":4,"time":"2026-01-02T03:04:09.678Z","event":"svc.stop","service":"fs","state":"Stopped"}""";

    private static FakeNode Supervisor(bool staysOpen) =>
        new FakeNode("supervisor").On("supervisor.events", _ => FakeAnswer.Items(staysOpen, [Start, Crash, Other, CaughtUp, Later, .. staysOpen ? Array.Empty<string>() : ["""{"status":"ended"}"""]]));

    [Fact]
    public async Task Kept_events_are_shown_a_line_each_and_the_command_ends()
    {
        await using var node = Supervisor(staysOpen: true);
        var run = await CtlRun.Of(node, "events", "--service", "fs");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            """
            2026-01-02T03:04:05.678Z svc.start       fs           Starting    pid 42
            2026-01-02T03:04:06.678Z svc.crash       fs           Crashed     signal 9; next: start in 200ms

            """,
            run.Output);
        Assert.True(node.Requests.First().Json.GetProperty("more").GetBoolean());
        Assert.True(node.Requests.First().Params.GetProperty("mark").GetBoolean());
        Assert.Equal(0, node.Requests.First().Params.GetProperty("from_seq").GetInt64());
    }

    [Fact]
    public async Task As_json_each_event_is_one_line()
    {
        await using var node = Supervisor(staysOpen: false);
        var run = await CtlRun.Of(node, "events", "-f", "--json");
        Assert.Equal([Start, Crash, Other, Later, ""], run.Output.Split('\n'));
    }

    [Fact]
    public async Task An_interrupt_ends_a_followed_stream()
    {
        await using var node = Supervisor(staysOpen: true);
        using var interrupt = new CancellationTokenSource();
        var run = CtlRun.Of(node, new CtlSettings { Cancellation = interrupt.Token }, "events", "-f");
        SpinWait.SpinUntil(() => !node.Requests.IsEmpty, TimeSpan.FromSeconds(10));
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_stream_that_ends_with_an_error_reports_it()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.events", _ => FakeAnswer.Error(6, "UNAVAILABLE", "stopping", "draining"));
        var run = await CtlRun.Of(node, "events", "-f");
        Assert.Equal(1, run.Code);
        Assert.Contains("UNAVAILABLE (draining): stopping", run.Error, StringComparison.Ordinal);
    }
}
