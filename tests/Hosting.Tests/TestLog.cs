using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Strata.Hosting.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class TestLog : ILogger
{
    private readonly ConcurrentQueue<(string Event, string Message)> _entries = new();

    internal IEnumerable<string> Messages(string eventName) => _entries.Where(e => e.Event == eventName).Select(e => e.Message);

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId.Name ?? "", formatter(state, exception)));
}
