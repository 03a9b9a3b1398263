using System.Text;
using Strata.Contracts;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>One event as a line; the columns are fixed, since the next event is not known yet.</summary>
internal static class EventLine
{
    private const int TimeColumns = 24;
    private const int EventColumns = 15;
    private const int ServiceColumns = 12;
    private const int StateColumns = 11;

    public static string Of(SupervisorEvent it, bool coloured)
    {
        var line = new StringBuilder();
        Column(it.Time, TimeColumns, Tone.Faint);
        Column(it.Event, EventColumns, it.Event is "svc.crash" or "svc.quarantine" or "gap" or "reset" ? Tone.Bad : Tone.Plain);
        Column(it.Service ?? "-", ServiceColumns, Tone.Plain);
        Column(it.State ?? "-", StateColumns, ServiceTable.ToneOf(it.State));
        line.Append(SafeText.Of(Story(it)));
        return line.ToString().TrimEnd() + "\n";

        void Column(string text, int columns, Tone tone)
        {
            var safe = SafeText.Of(text);
            line.Append(Tones.Paint(safe, tone, coloured)).Append(' ', Math.Max(0, columns - DisplayWidth.Of(safe)) + 1);
        }
    }

    private static string Story(SupervisorEvent it)
    {
        string?[] parts =
        [
            it.Pid is > 0 ? $"pid {it.Pid}" : null,
            it.Cause,
            it.Next is null ? null : it.NextInMs is { } ms ? $"next: {it.Next} in {Durations.ShowMs(ms)}" : $"next: {it.Next}",
        ];
        return string.Join("; ", parts.Where(p => p is not null));
    }
}
