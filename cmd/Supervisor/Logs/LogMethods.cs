using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Declares <c>supervisor.logs</c>.</summary>
internal static class LogMethods
{
    /// <summary>Followers of the log.</summary>
    internal const int MaxFollowers = 64;

    /// <summary>Followers of one user id.</summary>
    internal const int MaxFollowersPerUid = 32;

    /// <summary>Lines given when nothing says since when or how many.</summary>
    internal const int DefaultLimit = 100;

    internal static Method Declare(LogBook book, NodeBoard board)
    {
        var places = new WatchPlaces("the log", MaxFollowers, MaxFollowersPerUid);
        return new StreamMethod<LogsParams, LogPage>(
            "supervisor.logs", "Gives what services printed: the lines that are kept, then new ones.",
            Access.RightOrAuthority("supervisor.logs"), () => ContractsJson.Default.LogsParams, () => ContractsJson.Default.LogPage,
            (p, call) => Read(p, call, book, board, places))
        {
            Errors = [ErrorCode.NotFound, ErrorCode.ResourceExhausted],
        };
    }

    private static Reply<IAsyncEnumerable<LogPage>> Read(LogsParams p, CallContext call, LogBook book, NodeBoard board, WatchPlaces places)
    {
        var since = LogNames.TimeOf(p.Since);
        if (p.Since is not null && since is null)
        {
            return RpcError.InvalidField("since", "since is no RFC 3339 time, such as 2030-01-02T03:04:05Z");
        }

        if (p.Names?.FirstOrDefault(name => !Exists(name, book, board)) is not null)
        {
            return RpcError.NotFound("no such service; supervisor.svc.list shows those there are") with { Reason = "unknown_service" };
        }

        var limit = p.Limit ?? (p.Since is null && p.SinceSeq is null ? DefaultLimit : null);
        var query = new LogQuery(p.Names ?? [], p.SinceSeq, since, limit, LogNames.SourceOf(p.Stream));
        return places.Admit(call.Peer.Uid, () => LogReading.ReadAsync(book, query));
    }

    private static bool Exists(string name, LogBook book, NodeBoard board) =>
        name == NodePlan.SupervisorName || board.Current.State.Services.ContainsKey(name) || book.Knows(name);
}
