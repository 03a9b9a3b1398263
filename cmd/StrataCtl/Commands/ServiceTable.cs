using Strata.Contracts;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Services as a table.</summary>
internal static class ServiceTable
{
    public static Table Of(ServiceList list)
    {
        var table = new Table("SERVICE", "STATE", ">PID", ">SINCE", ">RESTARTS", ">READY IN", "LAST CRASH");
        foreach (var service in list.Services)
        {
            table.Add(
                service.Name, new Cell(service.State, ToneOf(service.State)), service.Pid == 0 ? "-" : service.Pid,
                Durations.ShowMs(service.SinceMs), service.Restarts ?? 0, Durations.ShowMs(service.ReadyMs), new Cell(service.LastCrash ?? "-", Tone.Faint));
        }

        return table;
    }

    public static Tone ToneOf(string? state) => state switch
    {
        "Healthy" or "Completed" or "running" => Tone.Good,
        "Crashed" or "Quarantined" => Tone.Bad,
        "Stopped" or "Declared" => Tone.Faint,
        null => Tone.Plain,
        _ => Tone.Warning,
    };
}
