using System.Runtime.InteropServices;

namespace Strata.Ipc.Tests;

/// <summary>A descriptor leaves with the first byte of its frame, and is closed whatever becomes of it.</summary>
public sealed class DescriptorTests
{
    private readonly List<Handle> _made = [];
    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public void Each_leaves_in_a_message_of_its_own_with_its_frame()
    {
        using var driver = new SessionDriver(Methods());
        foreach (var method in new[] { "t.plain", "t.give", "t.plain", "t.give", "t.give" })
        {
            driver.Receive($$"""{"v":1,"req_id":"x","method":"{{method}}"}""");
        }

        var output = driver.Session.Output;
        var sequence = new List<SafeHandle?>();
        while (output.Length > 0)
        {
            var message = output.NextMessage(out var descriptor);
            sequence.Add(descriptor);
            Assert.True(descriptor is null || !descriptor.IsClosed);
            driver.Session.Sent(message.Length);
            Assert.True(descriptor is null || descriptor.IsClosed);
        }

        Assert.Equal([null, _made[0], _made[1], _made[2]], sequence);
    }

    [Fact]
    public void A_message_of_which_a_part_was_taken_does_not_carry_it_twice()
    {
        using var driver = new SessionDriver(Methods());
        driver.Receive("""{"v":1,"req_id":"x","method":"t.give"}""");
        driver.Session.Output.NextMessage(out var descriptor);
        driver.Session.Sent(1);
        Assert.True(descriptor!.IsClosed);
        Assert.Equal(driver.Session.Output.Length, driver.Session.Output.NextMessage(out var none).Length);
        Assert.Null(none);
    }

    [Fact]
    public void So_many_wait_on_a_connection_and_not_one_more()
    {
        using var driver = new SessionDriver(Methods());
        for (var i = 0; i <= driver.Limits.MaxUnsentDescriptors; i++)
        {
            driver.Receive("""{"v":1,"req_id":"x","method":"t.give"}""");
        }

        Assert.Equal(driver.Limits.MaxUnsentDescriptors, driver.Session.Output.Descriptors);
        Assert.True(_made[^1].IsClosed);
        Assert.Equal("too_many_descriptors", driver.Outcomes[^1].Error!.Reason);
        Assert.Null(driver.Outcomes[^2].Error);
    }

    [Fact]
    public void They_count_in_the_budget_of_their_user()
    {
        var budget = new HeldBytesBudget(3 * 64 * 1024, 3 * 64 * 1024);
        using var driver = new SessionDriver(Methods()) { Budget = budget };
        for (var i = 0; i < 4; i++)
        {
            driver.Receive("""{"v":1,"req_id":"x","method":"t.give"}""");
        }

        Assert.Equal([null, null, null, "memory_exhausted"], driver.Outcomes.Select(o => o.Error?.Reason));
        Assert.True(_made[3].IsClosed);
        driver.Flush();
        Assert.Equal(0, budget.Taken);
        Assert.All(_made, handle => Assert.True(handle.IsClosed));
    }

    [Theory]
    [InlineData("t.refuse")]
    [InlineData("t.fail")]
    [InlineData("t.twice")]
    public void What_is_no_result_carries_none(string method)
    {
        using var driver = new SessionDriver(Methods());
        driver.Receive($$"""{"v":1,"req_id":"x","method":"{{method}}"}""");
        Assert.Equal(method == "t.twice" ? 1 : 0, driver.Session.Output.Descriptors);
        Assert.True(_made[0].IsClosed);
    }

    [Fact]
    public void A_connection_that_ends_closes_what_waits_and_what_comes_later()
    {
        using var driver = new SessionDriver(Methods());
        driver.Receive("""{"v":1,"req_id":"x","method":"t.give"}""");
        driver.Receive("""{"v":1,"req_id":"y","method":"t.late"}""");
        driver.Session.Abort();
        Assert.True(_made[0].IsClosed);
        _late.SetResult();
        driver.RunUntil(() => _made.Count == 2 && _made[1].IsClosed);
        Assert.Equal(0, driver.Session.Output.Length);
    }

    private Method[] Methods() =>
    [
        Make("t.plain", _ => new StatusResult("plain")),
        Make("t.give", call => Give(call)),
        Make("t.refuse", call => Give(call).Error ?? RpcError.NotFound("no")),
        Make("t.fail", call => throw new InvalidOperationException(Give(call).Value!.Status)),
        Make("t.twice", call =>
        {
            Give(call);
            return Give(call);
        }),
        new UnaryMethod<NoParams, StatusResult>(
            "t.late", "", Access.Open, IpcJson.Default.NoParams, IpcJson.Default.StatusResult,
            async (_, call) =>
            {
                await _late.Task;
                return Give(call);
            }),
    ];

    private static UnaryMethod<NoParams, StatusResult> Make(string name, Func<CallContext, Reply<StatusResult>> handler) =>
        new(name, "", Access.Open, IpcJson.Default.NoParams, IpcJson.Default.StatusResult, (_, call) => handler(call));

    private Reply<StatusResult> Give(CallContext call)
    {
        var handle = new Handle();
        _made.Add(handle);
        call.AttachDescriptor(handle);
        return new StatusResult("given");
    }

    private sealed class Handle() : SafeHandle(-1, ownsHandle: true)
    {
        public override bool IsInvalid => false;

        protected override bool ReleaseHandle() => true;
    }
}
