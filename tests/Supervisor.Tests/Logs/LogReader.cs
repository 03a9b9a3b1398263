using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor.Tests;

/// <summary>Reads a node's log as any client can.</summary>
internal static class LogReader
{
    /// <summary>Follows until a line is found; every line up to it.</summary>
    internal static async Task<List<LogEntry>> UntilAsync(TestNode node, Func<LogEntry, bool> wanted, LogsParams? which = null)
    {
        using var late = new CancellationTokenSource(TestNode.Deadline);
        await using var client = await node.ConnectAsync();
        var lines = new List<LogEntry>();
        await foreach (var frame in client.StreamAsync(Request(which ?? new LogsParams(SinceSeq: 0)), late.Token))
        {
            Assert.Null(frame.Error);
            lines.AddRange(frame.Get(ContractsJson.Default.LogPage).Lines);
            if (lines.FindIndex(line => wanted(line)) is >= 0 and var at)
            {
                return lines[..(at + 1)];
            }
        }

        throw new TimeoutException("the stream ended");
    }

    internal static RpcRequest Request(LogsParams which) => RpcRequest.Of("supervisor.logs", which, ContractsJson.Default.LogsParams);
}
