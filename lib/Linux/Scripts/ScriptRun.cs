using System.Buffers.Binary;
using System.Globalization;

namespace Strata.Linux;

/// <summary>A process that works off a <see cref="CallScript"/>.</summary>
public sealed class ScriptRun : IDisposable
{
    private const int RecordBytes = 16;
    private readonly CallScript _script;

    private ScriptRun(CallScript script, ChildProcess process, FileDescriptor report) => (_script, Process, Report) = (script, process, report);

    /// <summary>The process.</summary>
    public ChildProcess Process { get; }

    /// <summary>Readable, without blocking, when there is something to <see cref="TryRead"/>; it ends when the program has begun or all have ended.</summary>
    public FileDescriptor Report { get; }

    /// <summary>Starts the process. Returns when it is about to begin with the first call.</summary>
    /// <param name="thread">Where it is started from, and with whose end it ends if it wants to.</param>
    /// <param name="script">What it does.</param>
    /// <param name="standard">What become 0, 1 and 2; null for /dev/null.</param>
    /// <param name="descriptors">What it has from <see cref="CallScript.FirstDescriptor"/> on.</param>
    /// <param name="beforeStart">Told its pid before anything else.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static async Task<ScriptRun> StartAsync(
        SpawnThread thread, CallScript script, (int? In, int? Out, int? Error) standard, IReadOnlyList<int> descriptors, Action<int>? beforeStart = null)
    {
        using var list = script.ToFile();
        var report = Pipe.Create();
        try
        {
            var process = await thread.SpawnAsync(new SpawnRequest
            {
                Program = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{ScriptProgram.Loader.Number}"),
                Arguments = ["strata"],
                Environment = [],
                StandardInput = standard.In,
                StandardOutput = standard.Out,
                StandardError = standard.Error,
                ExtraDescriptors = [list.Number, report.Writer.Number, .. descriptors],
                NewSession = false,
                BeforeStart = beforeStart,
            }).ConfigureAwait(false);
            report.Writer.Dispose();
            return new ScriptRun(script, process, report.Reader);
        }
        catch
        {
            report.Dispose();
            throw;
        }
    }

    /// <summary>Takes what was reported.</summary>
    /// <param name="call">The call, when the result is 1.</param>
    /// <param name="result">What it answered: a negated <see cref="Errno"/>, or the pid of who goes on (<see cref="CallScript.Continue"/>).</param>
    /// <returns>1; 0 at the end; -EAGAIN when there is nothing yet.</returns>
    public int TryRead(out string call, out int result)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        int count = Descriptors.TryRead(Report.Number, record);
        (call, result) = count == RecordBytes
            ? (_script.NameAt(BinaryPrimitives.ReadInt64LittleEndian(record)), (int)BinaryPrimitives.ReadInt64LittleEndian(record[8..]))
            : ("", 0);
        return count == RecordBytes ? 1 : Math.Min(count, 0);
    }

    /// <summary>Lets go of the process, which runs on.</summary>
    public void Dispose()
    {
        Report.Dispose();
        Process.Dispose();
    }
}
