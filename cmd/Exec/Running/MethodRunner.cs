using System.Text;
using System.Text.Json;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Exec;

/// <summary>Makes methods of declarations.</summary>
/// <param name="spawning">Starts programs.</param>
/// <param name="gate">How many at once.</param>
/// <param name="service">The service.</param>
internal sealed class MethodRunner(SpawnThread spawning, RunGate gate, ServiceEnvironment service)
{
    private readonly IReadOnlyList<string> _environment = ParamsEnvironment.Inherited(Ambient());

    /// <summary>The method, whose handler runs only for callers who hold its right, with params that fit.</summary>
    internal Method Serve(DeclaredMethod method) => new UnaryMethod<JsonElement, JsonElement>(
        method.Name, method.Summary, method.Access, () => IpcJson.Default.JsonElement, () => IpcJson.Default.JsonElement, (p, call) => RunAsync(method, p, call))
    {
        ParamsShape = method.Params,
        ResultShape = method.Result,
        Errors =
        [
            ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Internal, ErrorCode.Unavailable, ErrorCode.ResourceExhausted, ErrorCode.Conflict,
        ],
    };

    private async ValueTask<Reply<JsonElement>> RunAsync(DeclaredMethod method, JsonElement parameters, CallContext call)
    {
        var variables = ParamsEnvironment.Of(method, parameters, (call.Principal as Principal)?.Subject ?? "", out var fault);
        if (fault is not null)
        {
            return fault;
        }

        if (!await gate.TryEnterAsync(call.Cancellation).ConfigureAwait(false))
        {
            return RpcError.ResourceExhausted($"{service.Name} has as many calls waiting as it takes; try again shortly", "too_many_calls");
        }

        try
        {
            var request = new SpawnRequest { Program = method.Program, Arguments = [method.Program, .. method.Arguments], Environment = [.. _environment, .. variables] };
            var input = Encoding.UTF8.GetBytes(parameters.GetRawText() + "\n");
            var cancellation = call.Cancellation;
            // A thread of its own, since it waits: the pool's few have the service's signs of life to give.
            var outcome = await Task.Factory.StartNew(
                () => ProgramRun.Run(spawning, request, input, method.Timeout, service.Time, cancellation),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            Log(method, call, outcome);
            return outcome.End == RunEnd.Cancelled ? throw new OperationCanceledException(cancellation) : ExitAnswer.Of(method, outcome);
        }
        catch (Exception e) when (e is LinuxException or InvalidOperationException and not ObjectDisposedException)
        {
            service.Log.NotStarted(method.Name, call.ReqId, e.Message);
            return RpcError.Unavailable($"the program of {method.Name} could not be started; the service's log has the reason", "program_unavailable");
        }
        finally
        {
            gate.Leave();
        }
    }

    private void Log(DeclaredMethod method, CallContext call, RunOutcome outcome)
    {
        var said = Encoding.UTF8.GetString(outcome.Errors.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var line in said)
        {
            service.Log.ProgramSaid(method.Name, call.ReqId, line);
        }

        if (outcome.End != RunEnd.Exited || outcome.Exit is not { Code: 0 } || outcome.ErrorsLost > 0)
        {
            service.Log.ProgramEnded(method.Name, call.ReqId, outcome.End.ToString(), outcome.Exit?.ToString() ?? "not gone", outcome.ErrorsLost);
        }
    }

    private static Dictionary<string, string> Ambient() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}
