namespace Strata.Ipc.Tests;

public sealed class HeldBytesTests
{
    private const int KiB = 1024;
    private static readonly IpcLimits Limits = new() { FreeHeldBytes = 4 * KiB, OutputHighWaterBytes = 1024 * KiB };

    [Fact]
    public void Budget_gives_out_its_last_byte_and_not_one_more()
    {
        var budget = new HeldBytesBudget(maxBytes: 100, maxBytesPerUid: 60);
        Assert.True(budget.TryTake(1, 60));
        Assert.False(budget.TryTake(1, 1));
        Assert.True(budget.TryTake(2, 40));
        Assert.False(budget.TryTake(2, 1));
        Assert.Equal(100, budget.Taken);
        budget.Release(1, 60);
        Assert.True(budget.TryTake(2, 20));
        Assert.Equal(60, budget.Taken);
    }

    [Fact]
    public void Small_frames_take_nothing_from_the_budget()
    {
        var budget = new HeldBytesBudget(0, 0);
        var methods = new TestMethods();
        using var driver = new SessionDriver(methods.All()) { Budget = budget };
        var request = SessionDriver.Frame("""{"v":1,"req_id":"s","method":"t.blob","params":{"size":1000}}""");
        driver.Session.Receive(request.AsSpan(0, 10));
        driver.Session.Receive(request.AsSpan(10));
        Assert.True(driver.Next().GetProperty("ok").GetBoolean());
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void Frame_that_finds_no_room_to_wait_for_its_rest_ends_the_connection_and_frees_its_memory()
    {
        var budget = new HeldBytesBudget(64 * KiB, 64 * KiB);
        var methods = new TestMethods();
        using var driver = new SessionDriver(methods.All(), Limits) { Budget = budget };
        driver.Session.Receive([0, 15, 0, 0, .. new byte[16 * KiB]]);
        Assert.InRange(budget.Taken, 12 * KiB, 64 * KiB);
        for (var i = 0; i < 8; i++)
        {
            driver.Session.Receive(new byte[16 * KiB]);
        }

        var refusal = driver.Next();
        Assert.Equal("memory_exhausted", refusal.GetProperty("error").GetProperty("details").GetProperty("reason").GetString());
        Assert.True(driver.Session.IsFinished);
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void Whole_frame_of_the_largest_size_fits_an_idle_budget()
    {
        var budget = new HeldBytesBudget(4096 * KiB, 4096 * KiB);
        var methods = new TestMethods();
        using var driver = new SessionDriver(methods.All()) { Budget = budget };
        var head = """{"v":1,"req_id":"s","method":"t.blob","params":{"size":1""";
        var frame = SessionDriver.Frame(head + new string(' ', Limits.MaxFrameBytes - head.Length - 2) + "}}");
        foreach (var part in frame.Chunk(64 * KiB))
        {
            driver.Session.Receive(part);
        }

        Assert.True(driver.Next().GetProperty("ok").GetBoolean());
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public void Answers_beyond_the_budget_become_errors_and_those_within_it_arrive_whole()
    {
        var budget = new HeldBytesBudget(600 * KiB, 600 * KiB);
        var methods = new TestMethods();
        using var driver = new SessionDriver(methods.All(), Limits) { Budget = budget };
        for (var i = 0; i < 6; i++)
        {
            driver.Receive($$$"""{"v":1,"req_id":"{{{i}}}","method":"t.blob","params":{"size":{{{150 * KiB}}}}}""");
        }

        Assert.InRange(budget.Taken, 150 * KiB, 600 * KiB);
        var answers = driver.Ready();
        Assert.Equal(6, answers.Count);
        Assert.Contains(answers, a => a.GetProperty("ok").GetBoolean());
        Assert.Contains(answers, a => !a.GetProperty("ok").GetBoolean()
            && a.GetProperty("error").GetProperty("details").GetProperty("reason").GetString() == "memory_exhausted");
        Assert.Equal(0, budget.Taken);
        Assert.True(driver.Call("t.blob", $$"""{"size":{{150 * KiB}}}""").GetProperty("ok").GetBoolean());
    }

    [Fact]
    public void Lost_connection_gives_its_share_back()
    {
        var budget = new HeldBytesBudget(1024 * KiB, 1024 * KiB);
        var methods = new TestMethods();
        using var driver = new SessionDriver(methods.All(), Limits) { Budget = budget };
        driver.Receive($$$"""{"v":1,"req_id":"1","method":"t.blob","params":{"size":{{{150 * KiB}}}}}""");
        driver.Session.Receive([0, 15, 0, 0, .. new byte[16 * KiB]]);
        Assert.NotEqual(0, budget.Taken);
        driver.Session.Abort();
        Assert.Equal(0, budget.Taken);
    }
}
