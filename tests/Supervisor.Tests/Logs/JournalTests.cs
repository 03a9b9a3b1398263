using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Place => Path.Combine(_directory.Path, "journal");

    [Fact]
    public void A_line_keeps_its_fields_and_cannot_forge_any()
    {
        var entry = Entry("""time=2030-01-01T12:00:00.000Z level=error service=fs event=handler_fault method=fs.open reqId=7 seq=99 bad-name=x msg="it \"failed\"" """.TrimEnd());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["MESSAGE"] = "it \"failed\"", ["PRIORITY"] = "3", ["SYSLOG_IDENTIFIER"] = "fs", ["STRATA_SERVICE"] = "fs", ["STRATA_STREAM"] = "stderr",
                ["STRATA_INCARNATION"] = "2", ["STRATA_SEQ"] = "5", ["STRATA_EVENT"] = "handler_fault", ["STRATA_METHOD"] = "fs.open", ["STRATA_REQID"] = "7",
            },
            entry);
        Assert.Equal(("plain\tline", "6"), (Entry("plain\tline")["MESSAGE"], Entry("plain\tline")["PRIORITY"]));

        // A line break inside a value does not begin a field: such a value is sent with its length.
        var forged = Entry("one\nPRIORITY=0\nSTRATA_SERVICE=identity");
        Assert.Equal(("one\nPRIORITY=0\nSTRATA_SERVICE=identity", "6", "fs"), (forged["MESSAGE"], forged["PRIORITY"], forged["STRATA_SERVICE"]));
    }

    [Fact]
    public void What_the_journal_does_not_take_is_dropped_counted_and_told()
    {
        using var journal = new Journal(Place, hasStandardError: false, TimeProvider.System);
        journal.Write(Line("before there is a journal"));
        Assert.Equal(1, journal.Dropped);

        using (var first = Listen())
        {
            journal.Write(Line("one"));
            Assert.Equal("1", Receive(first)["STRATA_LOST"]);
            Assert.Equal("one", Receive(first)["MESSAGE"]);

            // Nobody reads: the kernel's queue fills, and writing goes on without waiting.
            for (var i = 0; i < 2000; i++)
            {
                journal.Write(Line("flood"));
            }

            Assert.InRange(journal.Dropped, 1, 1999);
        }

        File.Delete(Place);
        using var second = Listen();
        var dropped = journal.Dropped;
        journal.Write(Line("two"));
        Assert.Equal($"{dropped} lines are missing here: the journal did not take them; strata-ctl logs has them", Receive(second)["MESSAGE"]);
        Assert.Equal("two", Receive(second)["MESSAGE"]);
        Assert.Equal(0, journal.Dropped);
    }

    [Theory]
    [InlineData(true, "sh said it", 0)]
    [InlineData(false, "sh said it", 1)]
    public async Task Lines_of_services_are_in_the_journal_once(bool hasStandardError, string said, int echoed)
    {
        using var socket = Listen();
        var shown = new List<string>();
        var settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? _directory.Path : null);
        Directory.CreateDirectory(settings.StateDir, (UnixFileMode)0x1C0);
        using (var logs = new LogCapture(
            settings, line => shown.Add(Encoding.UTF8.GetString(line)), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            new Journal(Place, hasStandardError, TimeProvider.System)))
        {
            await logs.Book.Ready.Soon();
            using var pipes = logs.Open(new ServiceManifest { Name = "sh", Program = "sh" }, 1);
            Linux.Descriptors.TryWrite(pipes.Output, Encoding.UTF8.GetBytes(said + "\n"));
            Assert.Equal((said, "sh", "stdout"), Receive(socket) is var entry ? (entry["MESSAGE"], entry["STRATA_SERVICE"], entry["STRATA_STREAM"]) : default);
            logs.KeepOwn("its own\n"u8.ToArray());
            if (!hasStandardError)
            {
                Assert.Equal("its own", Receive(socket)["MESSAGE"]);
            }
        }

        Assert.Equal(echoed, shown.Count);
        Assert.Equal(0, socket.Available);
    }

    [Fact]
    public void The_setting_says_where_it_goes()
    {
        Assert.Null(Journal.From(_ => null, _ => false, "8:1234", TimeProvider.System));
        Assert.Null(Journal.From(_ => "off", _ => true, null, TimeProvider.System));
        using var found = Journal.From(_ => null, path => path == Journal.DefaultSocket, "8:1234", TimeProvider.System);
        Assert.False(found!.HasStandardError);
        using var named = Journal.From(name => name == Journal.Variable ? Place : "8:1234", _ => false, "8:1234", TimeProvider.System);
        Assert.True(named!.HasStandardError);
        using var elsewhere = Journal.From(name => name == Journal.Variable ? Place : "8:1234", _ => false, "8:1235", TimeProvider.System);
        Assert.False(elsewhere!.HasStandardError);
        foreach (var wrong in new[] { "on", "journal", "/" + new string('x', 107) })
        {
            Assert.StartsWith("STRATA_JOURNAL must be auto, off", Assert.Throws<SettingsException>(() => Journal.From(_ => wrong, _ => true, null, TimeProvider.System)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Standard_error_is_named_as_the_journal_names_it()
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", $"stat -L -c %d:%i /proc/{Environment.ProcessId}/fd/2"]) { RedirectStandardOutput = true })!;
        Assert.Equal((await stat.StandardOutput.ReadToEndAsync()).Trim(), Journal.StandardError());
    }

    public void Dispose() => _directory.Dispose();

    private static LogLine Line(string text) => new()
    {
        Sequence = 5, Time = ManualTime.Start, Service = "fs", Source = LogSource.Stderr, Incarnation = 2, Text = text,
    };

    private static Dictionary<string, string> Entry(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        JournalEntry.Write(output, Line(text));
        return Parse(output.WrittenSpan);
    }

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Bind(new UnixDomainSocketEndPoint(Place));
        return socket;
    }

    private static Dictionary<string, string> Receive(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        return Parse(buffer.AsSpan(0, socket.Receive(buffer)));
    }

    /// <summary>Reads an entry as journald does.</summary>
    private static Dictionary<string, string> Parse(ReadOnlySpan<byte> entry)
    {
        var fields = new Dictionary<string, string>();
        while (!entry.IsEmpty)
        {
            var end = entry.IndexOf((byte)'\n');
            var equals = entry[..end].IndexOf((byte)'=');
            if (equals > 0)
            {
                fields.Add(Encoding.UTF8.GetString(entry[..equals]), Encoding.UTF8.GetString(entry[(equals + 1)..end]));
                entry = entry[(end + 1)..];
                continue;
            }

            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(entry[(end + 1)..]);
            fields.Add(Encoding.UTF8.GetString(entry[..end]), Encoding.UTF8.GetString(entry.Slice(end + 9, length)));
            entry = entry[(end + 9 + length + 1)..];
        }

        return fields;
    }
}
