using System.Globalization;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Metrics;

/// <summary>Services at work as a table.</summary>
internal static class TopTable
{
    public static Table Of(IEnumerable<TopRow> rows)
    {
        var table = new Table("SERVICE", "STATE", ">SINCE", ">RESTARTS", ">CPU", ">MEM", ">CONN", ">REQ/S", ">ERR/S", ">P99");
        foreach (var row in rows)
        {
            table.Add(
                row.Name, new Cell(row.State, ServiceTable.ToneOf(row.State)), Durations.ShowMs(row.SinceMs), row.Restarts,
                row.CpuPercent is { } cpu ? Text($"{cpu:0.0}%") : "-", row.ResidentBytes is { } bytes ? Text($"{bytes / 1048576.0:0.0}M") : "-",
                row.Connections is { } connections ? connections : "-", Rate(row.RequestsPerSecond),
                new Cell(Rate(row.ErrorsPerSecond), row.ErrorsPerSecond > 0 ? Tone.Warning : Tone.Plain), Latency(row.P99Us));
        }

        return table;
    }

    internal static string Latency(double? us) => us switch
    {
        null => "-",
        < 1000 => Text($"{us:0}us"),
        < 1_000_000 => Text($"{us / 1000:0.#}ms"),
        _ => Text($"{us / 1_000_000:0.#}s"),
    };

    private static string Rate(double? perSecond) => perSecond switch
    {
        null => "-",
        < 10 => Text($"{perSecond:0.#}"),
        _ => Text($"{perSecond:0}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
