using System.Collections.Concurrent;
using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

/// <summary>
/// A real process is killed while revocations come in, at whatever instant, also while it starts. <c>STRATA_KILL_ROUNDS</c> says how
/// often (10); the long run is 1000.
/// </summary>
[Collection(nameof(StartsProcesses))]
public class KilledIdentityTests
{
    private const int Callers = 8;
    private const int RoundsOfOneState = 25;

    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("STRATA_KILL_ROUNDS"), CultureInfo.InvariantCulture, out var n) ? n : 10;

    private readonly Random _random = new(20);
    private readonly HashSet<string> _acknowledged = [];
    private int _last;

    [Fact]
    public async Task No_acknowledged_revocation_is_lost_by_a_kill_at_any_instant()
    {
        var (all, cutOff, early) = (0, 0, 0);
        for (var round = 0; round < Rounds;)
        {
            using var scratch = new Scratch();
            _acknowledged.Clear();
            for (var i = 0; i < RoundsOfOneState && round < Rounds; i++, round++)
            {
                if (_random.Next(6) == 0)
                {
                    early++;
                    await KillWhileStartingAsync(scratch.Path);
                    continue;
                }

                using var identity = IdentityProcess.Start(scratch.Path);
                await AssertHoldsAsync(identity);
                var (done, cut) = await RevokeUntilKilledAsync(identity);
                (all, cutOff) = (all + done, cutOff + cut);
            }

            using var last = IdentityProcess.Start(scratch.Path);
            await AssertHoldsAsync(last);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Rounds} kills, {early} of them while starting: {all} revocations acknowledged, none lost; {cutOff} cut off");
        Assert.True(all > 0);
    }

    private async Task KillWhileStartingAsync(string directory)
    {
        using var identity = IdentityProcess.Start(directory);
        // An instant of the start, whichever: nothing announces them.
        using var instant = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + _random.Next(400)));
        await instant.WaitForNextTickAsync();
        await identity.KillAsync();
    }

    private async Task<(int Done, int CutOff)> RevokeUntilKilledAsync(IdentityProcess identity)
    {
        await using var client = await identity.ConnectAsync();
        var acknowledged = new ConcurrentQueue<string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (killAfter, spins) = (_random.Next(1, 60), _random.Next(200_000));
        var cutOff = 0;
        var callers = Enumerable.Range(0, Callers).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    var name = await RevokeNextAsync(client);
                    acknowledged.Enqueue(name);
                    if (acknowledged.Count >= killAfter)
                    {
                        enough.TrySetResult();
                    }
                }
            }
            catch (RpcException e) when (e.Error.Reason is null || e.Error.Code == ErrorCode.Unavailable)
            {
                Interlocked.Increment(ref cutOff);
                // Nothing else ends a caller, unless identity refuses: then the test must not wait for it.
                enough.TrySetResult();
            }
        }).ToArray();

        await enough.Task.Soon();
        Thread.SpinWait(spins);
        await identity.KillAsync();
        await Task.WhenAll(callers).Soon();
        _acknowledged.UnionWith(acknowledged);
        return (acknowledged.Count, cutOff);
    }

    /// <summary>Every seventh by rule, the others by id.</summary>
    private async Task<string> RevokeNextAsync(RpcClient client)
    {
        var number = Interlocked.Increment(ref _last);
        var (name, wish) = number % 7 == 0 ? ($"s{number}", new RevokeParams(Subject: $"s{number}")) : (Scratch.Id(number), new RevokeParams(Scratch.Id(number)));
        var result = await client.CallAsync("identity.revoke", wish, ContractsJson.Default.RevokeParams, ContractsJson.Default.RevokeResult);
        Assert.Null(result.Pending);
        return name;
    }

    private async Task AssertHoldsAsync(IdentityProcess identity)
    {
        await using var verifier = await TestVerifier.StartAsync(await identity.ConnectAsync(), "probe");
        var known = verifier.Revoked.Concat(verifier.Rules.Select(r => r.Value)).ToHashSet();
        Assert.Equal([], _acknowledged.Except(known));
        await verifier.SayGoodbyeAsync();
    }
}
