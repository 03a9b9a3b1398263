using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>A line in the journal's native protocol (systemd.journal-fields(7)): one field after the other, values that hold a line break with their length.</summary>
internal static class JournalEntry
{
    /// <summary>Longest name of a field that the journal takes.</summary>
    private const int MaxNameChars = 64;

    private const string Prefix = "STRATA_";

    // What a line says of itself must not replace what the supervisor knows of it.
    private static readonly HashSet<string> Known = ["time", "level", "msg", "service", "stream", "incarnation", "seq", "cut", "lost"];

    internal static void Write(ArrayBufferWriter<byte> output, LogLine line)
    {
        var fields = line.Source == LogSource.Note || line.Cut ? null : LogfmtLine.Read(line.Service, line.Text);
        Add(output, "MESSAGE", fields?.GetValueOrDefault("msg") ?? line.Text);
        Add(output, "PRIORITY", PriorityOf(line, fields?.GetValueOrDefault("level")));
        Add(output, "SYSLOG_IDENTIFIER", line.Service);
        Add(output, "STRATA_SERVICE", line.Service);
        Add(output, "STRATA_STREAM", LogNames.Of(line.Source));
        Add(output, "STRATA_INCARNATION", line.Incarnation.ToString(CultureInfo.InvariantCulture));
        Add(output, "STRATA_SEQ", line.Sequence.ToString(CultureInfo.InvariantCulture));
        if (line.Lost > 0)
        {
            Add(output, "STRATA_LOST", line.Lost.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in fields ?? new Dictionary<string, string>())
        {
            if (!Known.Contains(name) && NameOf(name) is { } key)
            {
                Add(output, key, value);
            }
        }
    }

    private static void Add(ArrayBufferWriter<byte> output, string name, string value)
    {
        output.Write(Encoding.ASCII.GetBytes(name));
        var bytes = Encoding.UTF8.GetBytes(value);
        if (bytes.AsSpan().Contains((byte)'\n'))
        {
            output.Write("\n"u8);
            BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), (ulong)bytes.Length);
            output.Advance(8);
        }
        else
        {
            output.Write("="u8);
        }

        output.Write(bytes);
        output.Write("\n"u8);
    }

    /// <summary>The journal's name of a field, null for one that it would not take.</summary>
    private static string? NameOf(string field)
    {
        var name = Prefix + field.ToUpperInvariant();
        return name.Length <= MaxNameChars && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') ? name : null;
    }

    /// <summary>As syslog(3) has it. What a service prints by itself is information, whichever stream it chose.</summary>
    private static string PriorityOf(LogLine line, string? level) => level switch
    {
        "critical" => "2",
        "error" => "3",
        "warn" => "4",
        "debug" or "trace" => "7",
        _ => line.Source == LogSource.Note ? "4" : "6",
    };
}
