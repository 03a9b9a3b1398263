using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace Strata.Supervision.Tests.Takeover;

/// <summary>The record between two supervisors: all of it comes back, and nothing beyond its bounds is believed.</summary>
public sealed class KeptRecordTests
{
    private const long LongestTicks = 3660 * TimeSpan.TicksPerDay;

    private static readonly NodeTime At = new(TimeSpan.FromMinutes(5), new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero));

    private static readonly KeptService Full = new()
    {
        Name = "a", Kind = ServiceKind.Oneshot, State = ServiceState.Crashed, Since = At, Because = "why", Incarnation = 4, Present = 3, Wanted = true, Listed = true, StoppedByOperator = true,
        Timer = new ServiceTimer(TimerKind.Kill, TimeSpan.FromMinutes(6)), KillAttempts = 2, HealthySince = At, ConsecutiveCrashes = 5,
        RecentCrashes = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)], LastCrash = new CrashRecord(new CrashCause(CrashKind.RunTimeout, 9, TimeSpan.FromSeconds(7), "error"), At, 3), Restarts = 6,
        Processes = [new KeptProcess(3, 1003, 42) { Group = new KeptGroup(1, "group", "/memory", "/cpu", "/pids", "/unified") }, new KeptProcess(4, 1004, 43)], SocketInode = 11, PathInode = 12,
    };

    [Fact]
    public void Everything_that_is_written_of_a_service_is_read_again()
    {
        var kept = new KeptNode("boot", 3, [Full, new KeptService { Name = "b" }]) { ShuttingDown = true, LastIncarnation = 8, ChildrenEnd = true };
        Assert.Equivalent(kept, Read(KeptText.Encode(kept)), strict: true);
    }

    [Fact]
    public void A_reason_is_kept_up_to_its_bound()
    {
        var status = new Node(Node.Service("a"))["a"];
        Assert.Equal(KeptService.MaxBecauseChars, KeptService.Of(status with { Because = new string('x', KeptService.MaxBecauseChars) }).Because.Length);
        Assert.Equal(KeptService.MaxBecauseChars, KeptService.Of(status with { Because = new string('x', KeptService.MaxBecauseChars + 1) }).Because.Length);
    }

    [Theory]
    [InlineData("incarnation", 0, null)]
    [InlineData("incarnation", -1, "incarnation is negative")]
    [InlineData("recent_crashes", 0L, null)]
    [InlineData("recent_crashes", -1L, "a time is out of bounds")]
    [InlineData("recent_crashes", LongestTicks, null)]
    [InlineData("recent_crashes", LongestTicks + 1, "a time is out of bounds")]
    [InlineData("name", "../a", "it names a service that cannot be")]
    [InlineData("name", "b", "it names a service twice")]
    [InlineData("state", "Dancing", "state is none of ServiceState")]
    [InlineData("state", "3", "state is none of ServiceState")]
    [InlineData("since", null, "a time is missing")]
    [InlineData("crash_at", null, "a crash has no time")]
    public void What_a_service_cannot_be_is_refused_by_name(string member, object? value, string? fault) => AssertRead(
        service => Set(service, member, member == "recent_crashes" ? new JsonArray(JsonValue.Create((long)value!)) : value is null ? null : JsonValue.Create(value)), fault);

    [Theory]
    [InlineData(100, 8, true)]
    [InlineData(101, 8, false)]
    [InlineData(100, 9, false)]
    public void A_service_has_at_most_so_many_crashes_and_processes(int crashes, int processes, bool good) => AssertRead(
        service =>
        {
            service["recent_crashes"] = new JsonArray([.. Enumerable.Repeat(1, crashes).Select(n => JsonValue.Create(n))]);
            service["processes"] = new JsonArray([.. Enumerable.Repeat(service["processes"]![1]!, processes).Select(p => p.DeepClone())]);
        },
        good ? null : "it tells of too many crashes or processes");

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void No_process_of_a_service_is_everybody_or_init(int pid, bool good) =>
        AssertRead(service => service["processes"]![0]!["pid"] = pid, good ? null : "it names a process that cannot be a service's");

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_text_has_at_most_so_many_characters(int length, bool good) =>
        AssertRead(service => service["because"] = new string('x', length), good ? null : "because is too long");

    [Fact]
    public void A_text_that_must_be_there_is_missed() => AssertRead(service => service["because"] = null, "because is missing");

    [Theory]
    [InlineData("strata-node 2\n{}\n", "is of version 2, and this supervisor reads version 1")]
    [InlineData("strata-node 3 2 00000000\n{}\n", "is of version 3, and this supervisor reads version 1")]
    [InlineData("strata-node 1\n{}\n", "is torn: its length is not the one it tells")]
    [InlineData("strata-node\n{}\n", "is not a record of a supervisor")]
    public void A_header_that_is_cut_short_is_told_by_what_is_there(string text, string expected)
    {
        Assert.Null(KeptText.Decode(Encoding.UTF8.GetBytes(text), out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_verdict_of_doubt_says_what_does_not_fit_and_what_to_do()
    {
        Assert.Equal(Doubt("it leads no session of its own"), TakeoverJudge.Of(7, new ProcessEvidence(true, true, false, true, true)).Reason);
        Assert.Equal(Doubt("it is not in the control group that the record names"), TakeoverJudge.Of(7, new ProcessEvidence(true, true, true, false, true)).Reason);
        Assert.Equal(Doubt("it holds neither the service's socket nor its output, nor the node's address"), TakeoverJudge.Of(7, new ProcessEvidence(true, true, true, null, false)).Reason);

        static string Doubt(string what) => $"held down: process 7 of the record cannot be proved to be its own ({what}); if it is, end it, then svc.start";
    }

    [Fact]
    public void Where_there_is_no_evidence_nothing_is_adopted()
    {
        Assert.Equal(TakeoverVerdict.Gone, TakeoverJudge.Of(7, ProcessEvidence.None).Verdict);
        Assert.Contains("leads no session", TakeoverJudge.Of(7, ProcessEvidence.None with { Lives = true }).Reason, StringComparison.Ordinal);
        Assert.Contains("holds neither", TakeoverJudge.Of(7, ProcessEvidence.None with { Lives = true, LeadsSession = true }).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_adopted_process_can_lose_its_socket()
    {
        var adopted = new Inheritance(TakeoverVerdict.Adopt, 7);
        Assert.Equal(adopted, TakeoverJudge.WithSocket(adopted, null));
        Assert.Equal(new Inheritance(TakeoverVerdict.Replace, 7, "its listening socket could not be taken back: not permitted"), TakeoverJudge.WithSocket(adopted, "not permitted"));
        var gone = new Inheritance(TakeoverVerdict.Gone, 7);
        Assert.Equal(gone, TakeoverJudge.WithSocket(gone, "not permitted"));
    }

    private static void Set(JsonObject service, string member, JsonNode? value)
    {
        if (value is null)
        {
            service.Remove(member);
        }
        else
        {
            service[member] = value;
        }
    }

    private static KeptNode Read(byte[] record)
    {
        var kept = KeptText.Decode(record, out var fault);
        Assert.Null(fault);
        return kept!;
    }

    /// <summary>A good record, changed in its first service, with length and checksum made to fit again.</summary>
    private static void AssertRead(Action<JsonObject> change, string? fault)
    {
        var text = Encoding.UTF8.GetString(KeptText.Encode(new KeptNode("boot", 1, [Full, new KeptService { Name = "b" }])));
        var json = JsonNode.Parse(text[text.IndexOf('\n', StringComparison.Ordinal)..])!;
        change(json["services"]![0]!.AsObject());
        var body = Encoding.UTF8.GetBytes(json.ToJsonString());
        var sum = ~body.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        byte[] record = [.. Encoding.ASCII.GetBytes($"strata-node 1 {body.Length} {sum:x8}\n"), .. body, (byte)'\n'];
        KeptText.Decode(record, out var said);
        Assert.Equal(fault is null ? null : "is garbled: " + fault, said);
    }
}
