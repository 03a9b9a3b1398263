using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Metrics;

/// <summary>Asks services for what they counted.</summary>
internal static class MetricsReader
{
    private const string Supervisor = "supervisor";

    /// <summary>The names of everything that may be asked: the supervisor and the services that run.</summary>
    public static IEnumerable<string> Running(ServiceList services) =>
        services.Services.Where(s => s.Pid != 0).Select(s => s.Name).Prepend(Supervisor);

    /// <summary>Metrics by service; those that cannot tell are told to <paramref name="failed"/> instead.</summary>
    public static async Task<IReadOnlyList<MetricsResult>> ReadAsync(
        Node node, IEnumerable<string> names, Action<string, CallFailedException> failed, CancellationToken cancellation)
    {
        var read = new List<MetricsResult>();
        foreach (var name in names)
        {
            try
            {
                var call = new Call($"{name}.metrics") { WithToken = true, AuthorityMayAct = true };
                read.Add(await node.CallAsync(call, WireJson.Ipc.MetricsResult, cancellation).ConfigureAwait(false));
            }
            catch (CallFailedException e)
            {
                failed(name, e);
            }
        }

        return read;
    }
}
