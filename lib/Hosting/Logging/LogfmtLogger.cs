using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Strata.Hosting;

/// <summary>
/// Writes one line an event in logfmt: <c>time=... level=info service=fs event=listening socket=/run/strata/fs.sock</c>.
/// </summary>
/// <remarks>
/// Every value that is not plain is quoted and escaped, so that no value can begin a new line or forge a field. Callers
/// never pass tokens or keys; nothing here could tell them from other text.
/// </remarks>
/// <param name="service">Value of the <c>service</c> field.</param>
/// <param name="output">Where lines go; each is written by one call.</param>
/// <param name="time">The clock.</param>
/// <param name="minimum">The least level written. Default information.</param>
public sealed class LogfmtLogger(string service, Stream output, TimeProvider time, LogLevel minimum = LogLevel.Information) : ILogger
{
    /// <summary>The longest value written, in characters; the rest is cut.</summary>
    public const int MaxValueChars = 1024;

    private readonly Lock _writing = new();

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var line = new StringBuilder(256);
        line.Append(CultureInfo.InvariantCulture, $"time={time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} level={NameOf(logLevel)}");
        LogfmtField.Append(line, "service", service);
        LogfmtField.Append(line, "event", eventId.Name ?? "log");
        if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            foreach (var (name, value) in fields)
            {
                if (name != "{OriginalFormat}")
                {
                    LogfmtField.Append(line, name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                }
            }
        }

        LogfmtField.Append(line, "msg", formatter(state, exception));
        if (exception is not null)
        {
            LogfmtField.Append(line, "exception", exception.ToString());
        }

        Write(line.Append('\n').ToString());
    }

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        try
        {
            lock (_writing)
            {
                output.Write(bytes);
                output.Flush();
            }
        }
        catch (IOException)
        {
            // A log that cannot be written (closed pipe, full disk) must not stop the service.
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
