using Strata.Hosting;

namespace Strata.Fs.Tests;

/// <summary>Calls that hang in a file system hold a bounded number of threads, and whoever stands in line can give up.</summary>
public sealed class BlockingGateTests
{
    [Fact]
    public async Task The_place_beyond_the_last_waits_and_can_be_given_up()
    {
        using var gate = new BlockingGate(2);
        using var release = new ManualResetEventSlim();
        using var started = new CountdownEvent(2);
        var hung = Enumerable.Range(0, 2).Select(_ => gate.RunAsync(
            () =>
            {
                started.Signal();
                release.Wait();
                return 0;
            },
            () => CancellationToken.None).AsTask()).ToArray();
        Assert.True(started.Wait(TimeSpan.FromSeconds(60)));

        using var patience = new CancellationTokenSource();
        var ran = false;
        var third = gate.RunAsync(() => ran = true, () => patience.Token).AsTask();
        Assert.False(third.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.False(ran);

        release.Set();
        await Task.WhenAll(hung);
        Assert.True(await gate.RunAsync(() => true, () => CancellationToken.None));
    }

    [Fact]
    public async Task A_fault_gives_its_place_back()
    {
        using var gate = new BlockingGate(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => gate.RunAsync<int>(() => throw new InvalidOperationException(), () => CancellationToken.None).AsTask());
        Assert.Equal(1, await gate.RunAsync(() => 1, () => CancellationToken.None));
    }
}
