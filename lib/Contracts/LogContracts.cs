using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Params of <c>supervisor.logs</c>.</summary>
public sealed record LogsParams(
    [property: Description("services whose lines are wanted, `supervisor` for its own; none for all")][property: MaxItems(32)][property: StringLength(63, MinimumLength = 1)] IReadOnlyList<string>? Names = null,
    [property: Description("number of the first line wanted")][property: Range(0, 9e15)] long? SinceSeq = null,
    [property: Description("time of the first line wanted, RFC 3339")][property: StringLength(35, MinimumLength = 20)] string? Since = null,
    [property: Description("most lines that were kept before the call, the newest of them; 100 when nothing says since when, else all")][property: Range(1, 100_000)] int? Limit = null,
    [property: Description("only lines of this stream")][property: AllowedValues("stdout", "stderr", "note")] string? Stream = null);

/// <summary>One line of a service's log, on the wire and in its file.</summary>
public sealed record LogEntry(
    [property: Description("number of the line, counted over all services")] long Seq,
    [property: Description("when it was read, RFC 3339 UTC")] string Time,
    [property: Description("service")] string Service,
    [property: Description("stdout, stderr, or note for what the supervisor says about the log")] string Stream,
    [property: Description("instance of the service, from 1 since the supervisor started; 0 for the supervisor's own")] int Incarnation,
    [property: Description("the line; may hold control characters")] string Text,
    [property: Description("true when the line was longer than 8192 bytes and its rest was dropped")] bool? Cut = null,
    [property: Description("lines lost before this note")] long? Lost = null,
    [property: Description("fields by name, when the line is logfmt of Strata's own form")] IReadOnlyDictionary<string, string>? Fields = null);

/// <summary>Result of <c>supervisor.logs</c>, and one item of its stream.</summary>
public sealed record LogPage(
    [property: Description("lines, oldest first")] IReadOnlyList<LogEntry> Lines,
    [property: Description("the since_seq that goes on after these lines")] long NextSeq,
    [property: Description("true when no line that was kept is left: what follows is new")] bool CaughtUp,
    [property: Description("lines dropped before these because the reader was too slow")] long? Missed = null);
