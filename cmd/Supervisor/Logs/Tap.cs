using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The reading end of one stream of one instance.</summary>
/// <param name="id">What the loop knows it by.</param>
/// <param name="service">The service.</param>
/// <param name="incarnation">Its instance.</param>
/// <param name="source">Which stream.</param>
/// <param name="reader">The pipe's reading end, non-blocking; owned from now on.</param>
internal sealed class Tap(ulong id, string service, int incarnation, LogSource source, FileDescriptor reader) : IDisposable
{
    internal ulong Id => id;

    internal string Service => service;

    internal int Incarnation => incarnation;

    internal LogSource Source => source;

    internal FileDescriptor Reader => reader;

    internal LineSplitter Splitter { get; } = new();

    /// <summary>When it is closed though somebody may still write to it; null while its instance lives.</summary>
    internal TimeSpan? CloseAt { get; set; }

    public void Dispose() => reader.Dispose();
}
