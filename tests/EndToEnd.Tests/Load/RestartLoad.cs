using System.Collections.Concurrent;
using System.Diagnostics;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests.Load;

/// <summary>
/// Clients that call <c>tally.add</c> while its service is replaced or killed: several connections, several requests at a time on each,
/// with pauses in which they are idle. They retry nothing but what the library does by itself.
/// </summary>
internal sealed class RestartLoad(string socket, string tallyPath)
{
    private const int Channels = 8;
    private const int WorkersPerChannel = 2;
    private const int Burst = 3;

    /// <summary>The most requests in progress at once.</summary>
    internal const int MaxInFlight = Channels * WorkersPerChannel * Burst;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<(long Id, int Pid, TimeSpan Took)> _answered = [];
    private readonly ConcurrentBag<string> _strange = [];
    private readonly ConcurrentDictionary<int, int> _answers = [];
    private long _lastId;
    private int _refused;
    private int _cutOff;

    /// <summary>Puts load on until the disturbance is over and enough requests were made.</summary>
    internal async Task<LoadReport> RunAsync(int requests, Func<Task> disturb)
    {
        using var over = new CancellationTokenSource();
        var channels = Enumerable.Range(0, Channels).Select(_ => new RpcChannel(socket)).ToArray();
        var workers = channels.SelectMany(channel => Enumerable.Range(0, WorkersPerChannel).Select(_ => Task.Run(() => WorkAsync(channel, requests, over.Token)))).ToArray();
        try
        {
            await disturb();
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(workers);
            foreach (var channel in channels)
            {
                await channel.DisposeAsync();
            }
        }

        return Report();
    }

    /// <summary>Waits until a process has answered so much that it has requests on every connection.</summary>
    internal Task ReachesAsync(int pid) => Patience.UntilAsync(() => _answers.GetValueOrDefault(pid) > 2 * MaxInFlight);

    private async Task WorkAsync(RpcChannel channel, int requests, CancellationToken over)
    {
        using var timer = new PeriodicTimer(Pause);
        while (!over.IsCancellationRequested || Volatile.Read(ref _lastId) < requests)
        {
            await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => CallAsync(channel)));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task CallAsync(RpcChannel channel)
    {
        var id = Interlocked.Increment(ref _lastId);
        var began = Stopwatch.GetTimestamp();
        var request = RpcRequest.Of("tally.add", new AddParams(id), TallyJson.Default.AddParams) with { Deadline = Deadline };
        try
        {
            var result = (await channel.SendAsync(request)).Get(TallyJson.Default.AddResult);
            if (result.Id == id)
            {
                _answered.Add((id, result.Pid, Stopwatch.GetElapsedTime(began)));
                _answers.AddOrUpdate(result.Pid, 1, (_, count) => count + 1);
            }
            else
            {
                _strange.Add($"request {id} was answered {result.Id}");
            }
        }
        catch (RpcException e) when (e.Error is { Code: ErrorCode.Unavailable, Reason: "cannot_connect" })
        {
            Interlocked.Increment(ref _refused);
        }
        catch (RpcException e) when (e is { Error: { Code: ErrorCode.Unavailable, Reason: "connection_lost" }, WasNotSent: false })
        {
            Interlocked.Increment(ref _cutOff);
        }
        catch (RpcException e)
        {
            _strange.Add($"request {id}: {e.Error.Code} {e.Error.Reason}: {e.Message}");
        }
    }

    private LoadReport Report()
    {
        var bytes = File.ReadAllBytes(tallyPath);
        var carriedOut = Enumerable.Range(0, bytes.Length / sizeof(long)).Select(i => BitConverter.ToInt64(bytes, i * sizeof(long))).ToList();
        var once = carriedOut.ToHashSet();
        var took = _answered.Select(a => a.Took).Order().ToArray();
        return new LoadReport
        {
            Requests = (int)_lastId,
            Answered = _answered.Count,
            Refused = _refused,
            CutOff = _cutOff,
            Strange = [.. _strange],
            Lost = _answered.Count(a => !once.Contains(a.Id)),
            Twice = carriedOut.Count - once.Count,
            Processes = _answered.Select(a => a.Pid).Distinct().Count(),
            Median = took[took.Length / 2],
            P99 = took[took.Length * 99 / 100],
            Longest = took[^1],
        };
    }
}
