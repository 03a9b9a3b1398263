using System.Globalization;
using System.Text;
using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>A line as it appears on the supervisor's standard error.</summary>
internal static class EchoText
{
    /// <summary>A line that is logfmt of its own service stays as it is; any other becomes the message of one.</summary>
    internal static byte[] Of(LogLine line)
    {
        if (line.Source != LogSource.Note && !line.Cut && LogfmtLine.Read(line.Service, line.Text) is not null)
        {
            return Encoding.UTF8.GetBytes(line.Text + "\n");
        }

        var text = new StringBuilder(line.Text.Length + 128);
        Begin(text, line.Time, line.Source == LogSource.Note ? "warn" : "info", line.Service, line.Source == LogSource.Note ? "note" : "output");
        LogfmtField.Append(text, "stream", LogNames.Of(line.Source));
        LogfmtField.Append(text, "incarnation", line.Incarnation.ToString(CultureInfo.InvariantCulture));
        if (line.Cut)
        {
            LogfmtField.Append(text, "cut", "true");
        }

        if (line.Lost > 0)
        {
            LogfmtField.Append(text, "lost", line.Lost.ToString(CultureInfo.InvariantCulture));
        }

        LogfmtField.Append(text, "msg", line.Text, LineSplitter.MaxLineBytes);
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    /// <summary>Says that standard error did not take so many lines.</summary>
    internal static byte[] OfDropped(DateTimeOffset now, long lines)
    {
        var text = new StringBuilder();
        Begin(text, now, "warn", NodePlan.SupervisorName, "echo_dropped");
        LogfmtField.Append(text, "lost", lines.ToString(CultureInfo.InvariantCulture));
        LogfmtField.Append(text, "msg", string.Create(CultureInfo.InvariantCulture, $"{lines} lines are missing here: standard error was not read fast enough; strata-ctl logs has them"));
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    private static void Begin(StringBuilder text, DateTimeOffset time, string level, string service, string name)
    {
        text.Append("time=").Append(LogNames.Of(time)).Append(" level=").Append(level);
        LogfmtField.Append(text, "service", service);
        LogfmtField.Append(text, "event", name);
    }
}
