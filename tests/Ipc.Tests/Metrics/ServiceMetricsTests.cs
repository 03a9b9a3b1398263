using System.Text.Json;

namespace Strata.Ipc.Tests.Metrics;

public sealed class ServiceMetricsTests
{
    private static readonly Peer Somebody = new(1, 1, 1);

    private readonly ManualTime _time = new();
    private readonly ServiceMetrics _metrics;
    private readonly MethodTable _table;

    public ServiceMetricsTests()
    {
        _metrics = new ServiceMetrics("t", _time);
        _table = new MethodTable("t", new TestMethods().All());
    }

    [Fact]
    public void Answers_of_all_loops_are_summed_by_method_and_kind_of_error()
    {
        var (one, two) = (_metrics.AddLoop(_table), _metrics.AddLoop(_table));
        one.Note(Call("t.blob", TimeSpan.FromMicroseconds(15)), null);
        two.Note(Call("t.blob", TimeSpan.FromMilliseconds(3)), null);
        two.Note(Call("t.blob", TimeSpan.FromSeconds(11)), RpcError.Unavailable("x", "draining"));
        one.Note(null, RpcError.NotFound("x"));

        var read = _metrics.Read();
        Assert.Equal(["", "t.blob"], read.Methods.Select(m => m.Method));
        var blob = read.Methods[1];
        Assert.Equal(2, blob.Ok);
        Assert.Equal([new ErrorMetrics("UNAVAILABLE", "draining", 1)], blob.Errors);
        Assert.Equal(11_003_015, blob.LatencySumUs);
        Assert.Equal(3, blob.LatencyBuckets.Sum());
        Assert.Equal(1, blob.LatencyBuckets[LatencyBuckets.IndexOf(20)]);
        Assert.Equal(1, blob.LatencyBuckets[^1]);
        Assert.Equal([new ErrorMetrics("NOT_FOUND", "", 1)], read.Methods[0].Errors);
    }

    [Fact]
    public void Streams_are_counted_but_their_length_is_no_latency()
    {
        var call = Call("t.blob", TimeSpan.FromHours(1));
        call.WantsMore = true;
        _metrics.AddLoop(_table).Note(call, null);
        Assert.Equal(1, _metrics.Read().Methods[0].Ok);
        Assert.Equal(0, _metrics.Read().Methods[0].LatencyBuckets.Sum());
    }

    [Theory]
    [InlineData(MethodCounter.MaxErrorKinds, 0)]
    [InlineData(MethodCounter.MaxErrorKinds + 2, 2)]
    public void Kinds_of_errors_are_bounded_and_none_goes_uncounted(int kinds, int others)
    {
        var loop = _metrics.AddLoop(_table);
        for (var i = 0; i < kinds; i++)
        {
            loop.Note(Call("t.blob", TimeSpan.Zero), RpcError.Unavailable("x", $"reason_{i}"));
        }

        var errors = _metrics.Read().Methods[0].Errors;
        Assert.Equal(kinds, errors.Sum(e => e.Count));
        Assert.Equal(others, errors.Where(e => e.Reason == MethodCounter.Other).Sum(e => e.Count));
    }

    [Fact]
    public void Values_are_read_when_asked_for_and_bounded_in_number()
    {
        var now = 1L;
        for (var i = 0; i < ServiceMetrics.MaxValues; i++)
        {
            _metrics.Add($"value_{i:00}", counter: i == 0, () => now);
        }

        now = 7;
        _time.Advance(TimeSpan.FromSeconds(2));
        var read = _metrics.Read();
        Assert.Equal(2000, read.UptimeMs);
        Assert.Equal(ServiceMetrics.MaxValues, read.Values.Count);
        Assert.Equal(new MetricValue("value_00", true, 7), read.Values[0]);
        Assert.Throws<InvalidOperationException>(() => _metrics.Add("one_more", counter: false, () => 0));
        Assert.Throws<InvalidOperationException>(() => new ServiceMetrics("t", _time).AddTwice());
    }

    [Fact]
    public void What_is_told_survives_the_wire()
    {
        _metrics.AddLoop(_table).Note(Call("t.blob", TimeSpan.FromMilliseconds(1)), null);
        var text = JsonSerializer.Serialize(_metrics.Read(), IpcJson.Default.MetricsResult);
        var back = JsonSerializer.Deserialize(text, IpcJson.Default.MetricsResult)!;
        Assert.Equal(LatencyBuckets.BoundsUs, back.BucketBoundsUs);
        Assert.Equal(1, back.Methods[0].Ok);
    }

    private CallContext Call(string method, TimeSpan took)
    {
        var call = new CallContext(_table.Methods.First(m => m.Name == method), "r", Somebody, _time);
        _time.Advance(took);
        return call;
    }
}

file static class Twice
{
    internal static void AddTwice(this ServiceMetrics metrics)
    {
        metrics.Add("same", counter: false, () => 0);
        metrics.Add("same", counter: false, () => 0);
    }
}
