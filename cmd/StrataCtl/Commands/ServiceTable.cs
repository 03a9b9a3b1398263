using Strata.Contracts;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Services as a table.</summary>
internal static class ServiceTable
{
    /// <summary>The table; wide with what enforces each service's limits, and what it is kept from.</summary>
    public static Table Of(ServiceList list, bool wide = false)
    {
        var timed = list.Services.Any(s => s.NextRunMs is not null);
        string[] columns = ["SERVICE", "STATE", ">PID", ">SINCE", ">RESTARTS", ">READY IN", .. timed ? [">NEXT RUN"] : Array.Empty<string>(), .. wide ? ["ENFORCED BY", "CONFINEMENT"] : Array.Empty<string>(), "LAST CRASH"];
        var table = new Table(columns);
        foreach (var service in list.Services)
        {
            Cell[] next = timed ? [service.NextRunMs is { } ms ? "in " + Durations.ShowMs(ms) : "-"] : [];
            Cell[] enforced = wide ? [service.EnforcedBy ?? "-", Confinement(service)] : [];
            table.Add(
            [
                service.Name, new Cell(service.State, ToneOf(service.State)), service.Pid == 0 ? "-" : service.Pid,
                Durations.ShowMs(service.SinceMs), service.Restarts ?? 0, Durations.ShowMs(service.ReadyMs), .. next, .. enforced, new Cell(service.LastCrash ?? "-", Tone.Faint),
            ]);
        }

        return table;
    }

    private static Cell Confinement(ServiceStatus service) => service.NotEnforced is { Count: > 0 } lacking
        ? new Cell($"{service.Confinement}; not: {string.Join(", ", lacking)}", Tone.Warning)
        : service.Confinement ?? "-";

    public static Tone ToneOf(string? state) => state switch
    {
        "Healthy" or "Completed" or "Waiting" or "Listening" or "running" => Tone.Good,
        "Crashed" or "Quarantined" => Tone.Bad,
        "Stopped" or "Declared" => Tone.Faint,
        null => Tone.Plain,
        _ => Tone.Warning,
    };
}
