using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// The one thread that reads what services print. It waits for nothing but their pipes, time and <see cref="Post"/>: files
/// and standard error are written elsewhere, behind bounded queues, so that a service's write never waits for a disk or a
/// terminal. When nothing is printed it does not wake.
/// </summary>
internal sealed class LogLoop : IDisposable
{
    /// <summary>Bytes read from one pipe before the others have their turn.</summary>
    internal const int ReadBytes = 64 * 1024;

    /// <summary>Reads of a pipe that is to be closed and whose writer does not stop.</summary>
    internal const int MaxLastReads = 16;

    /// <summary>Own lines that wait; further ones are only on standard error.</summary>
    internal const int MaxOwnLines = 4096;

    /// <summary>How long the pipes of an ended instance are followed though another process holds them.</summary>
    internal static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LingerAtEnd = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private const ulong WakeId = 0;

    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly EpollReady[] _ready = new EpollReady[Epoll.MaxEventsPerWait];
    private readonly byte[] _buffer = new byte[ReadBytes];
    private readonly ConcurrentQueue<LogMail> _mail = new();
    private readonly Dictionary<ulong, Tap> _taps = [];
    private readonly Dictionary<string, ServiceIntake> _intakes = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ILogger _log;
    private readonly Action<LogLine> _keep;
    private readonly Action _settle;
    private readonly Action<string> _forget;
    private readonly Thread _thread;
    private ulong _nextId = WakeId + 1;
    private int _ownLines;
    private long _ownLost;
    private bool _stopping;
    private TimeSpan? _due;

    /// <summary>Prepares the loop.</summary>
    /// <param name="begin">Done first, on the loop's thread.</param>
    /// <param name="keep">Takes each line; must not block.</param>
    /// <param name="settle">Told after each round.</param>
    /// <param name="forget">Told the name of a pipe that is closed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where faults of the loop itself go.</param>
    internal LogLoop(Action begin, Action<LogLine> keep, Action settle, Action<string> forget, TimeProvider time, ILogger log)
    {
        (_keep, _settle, _forget, _time, _log, _origin) = (keep, settle, forget, time, log, time.GetTimestamp());
        _epoll.Add(_wake.Handle.Number, EpollEvents.Readable, WakeId);
        _thread = new Thread(() => Run(begin)) { IsBackground = true, Name = "logs" };
        _thread.Start();
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Tells the loop something; never blocks.</summary>
    internal void Post(LogMail mail)
    {
        if (mail is LogMail.Own && Interlocked.Increment(ref _ownLines) > MaxOwnLines)
        {
            Interlocked.Decrement(ref _ownLines);
            Interlocked.Increment(ref _ownLost);
            return;
        }

        _mail.Enqueue(mail);
        _wake.Signal();
    }

    /// <summary>Takes the last words, for a bounded time, and ends.</summary>
    public void Dispose()
    {
        Post(new LogMail.Stop());
        if (_thread.Join(EndTimeout))
        {
            _epoll.Dispose();
            _wake.Dispose();
        }
    }

    private void Run(Action begin)
    {
        begin();
        while (!(_stopping && _taps.Count == 0))
        {
            try
            {
                Round(_epoll.Wait(_ready, TimeoutMs()));
            }
#pragma warning disable CA1031 // A loop that ended would fill the pipes and hold up every service that prints.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _log.WorkFault("keeping logs", e);
            }
        }

        foreach (var (name, intake) in _intakes)
        {
            TellLost(name, intake, intake.Rate.TakeLostNow());
        }

        _settle();
    }

    private void Round(int count)
    {
        _ = _wake.Drain();
        while (_mail.TryDequeue(out var mail))
        {
            Open(mail);
        }

        foreach (var ready in _ready.AsSpan(0, count))
        {
            if (_taps.TryGetValue(ready.UserData, out var tap))
            {
                ReadOnce(tap);
            }
        }

        if (_due is { } due && due <= Now)
        {
            DoWhatIsDue(Now);
        }

        _due = NextDue();
        _settle();
    }

    private void DoWhatIsDue(TimeSpan now)
    {
        foreach (var tap in _taps.Values.Where(t => t.CloseAt <= now).ToList())
        {
            ReadLast(tap);
        }

        foreach (var (name, intake) in _intakes)
        {
            TellLost(name, intake, intake.Rate.TakeLost(now));
        }
    }

    private void Open(LogMail mail)
    {
        switch (mail)
        {
            case LogMail.Follow start:
                if (!_intakes.TryGetValue(start.Manifest.Name, out var intake) || intake.Policy != start.Manifest.Log)
                {
                    _intakes[start.Manifest.Name] = new ServiceIntake(start.Manifest.Log, Now);
                }

                Add(start, LogSource.Stdout, start.Output);
                Add(start, LogSource.Stderr, start.Error);
                break;
            case LogMail.Use use when _intakes.TryGetValue(use.Service, out var known) && known.Policy != use.Policy:
                TellLost(use.Service, known, known.Rate.TakeLostNow());
                _intakes[use.Service] = new ServiceIntake(use.Policy, Now);
                break;
            case LogMail.Forget forget when !_taps.Values.Any(t => t.Service == forget.Service):
                _intakes.Remove(forget.Service);
                break;
            case LogMail.Ended end:
                CloseWithin(Linger, _taps.Values.Where(t => t.Service == end.Service && t.Incarnation == end.Incarnation));
                break;
            case LogMail.Own own:
                Interlocked.Decrement(ref _ownLines);
                if (Interlocked.Exchange(ref _ownLost, 0) is > 0 and var lost)
                {
                    Note(NodePlan.SupervisorName, 0, string.Create(CultureInfo.InvariantCulture, $"{lost} lines lost: the supervisor logged faster than it could keep them"), lost);
                }

                _keep(new LogLine { Time = own.Time, Service = NodePlan.SupervisorName, Source = LogSource.Stderr, Text = LineText.Of(own.Line.AsSpan().TrimEnd((byte)'\n'), cut: false) });
                break;
            case LogMail.Leave:
                _stopping = true;
                foreach (var tap in _taps.Values)
                {
                    var now = _time.GetUtcNow();
                    tap.Splitter.End((line, cut) => Take(tap, now, line, cut));
                    tap.Dispose();
                }

                _taps.Clear();
                break;
            case LogMail.Stop:
                _stopping = true;
                CloseWithin(LingerAtEnd, _taps.Values);
                break;
        }
    }

    private void Add(LogMail.Follow start, LogSource source, FileDescriptor? reader)
    {
        if (reader is null)
        {
            Note(start.Manifest.Name, start.Incarnation, $"{LogNames.Of(source)} of instance {start.Incarnation.ToString(CultureInfo.InvariantCulture)} is lost: its pipe is not there any more", lost: 0);
            return;
        }

        var tap = new Tap(_nextId++, start.Manifest.Name, start.Incarnation, source, reader);
        _taps.Add(tap.Id, tap);
        _epoll.Add(tap.Reader.Number, EpollEvents.Readable, tap.Id);
    }

    private void CloseWithin(TimeSpan span, IEnumerable<Tap> taps)
    {
        var at = Now + span;
        foreach (var tap in taps)
        {
            tap.CloseAt = tap.CloseAt < at ? tap.CloseAt : at;
        }
    }

    /// <summary>Takes what one read gives.</summary>
    /// <returns>False when there is nothing more for now, or ever.</returns>
    private bool ReadOnce(Tap tap)
    {
        var count = Descriptors.TryRead(tap.Reader.Number, _buffer);
        if (count > 0)
        {
            var now = _time.GetUtcNow();
            tap.Splitter.Feed(_buffer.AsSpan(0, count), (line, cut) => Take(tap, now, line, cut));
            return true;
        }

        if (count is not (-Errno.EAGAIN or -Errno.EINTR))
        {
            Close(tap);
        }

        return false;
    }

    private void ReadLast(Tap tap)
    {
        for (var reads = 0; reads < MaxLastReads && ReadOnce(tap); reads++)
        {
            // What is in the pipe belongs to the instance; what a process it left behind goes on to write does not.
        }

        if (_taps.ContainsKey(tap.Id))
        {
            Close(tap);
            Note(tap.Service, tap.Incarnation, $"{LogNames.Of(tap.Source)} is held open by a process that instance {tap.Incarnation.ToString(CultureInfo.InvariantCulture)} left behind; it is not followed any more", lost: 0);
        }
    }

    private void Close(Tap tap)
    {
        var now = _time.GetUtcNow();
        tap.Splitter.End((line, cut) => Take(tap, now, line, cut));
        _ = _epoll.TryRemove(tap.Reader.Number);
        _taps.Remove(tap.Id);
        tap.Dispose();
        _forget(ServiceFifos.NameOf(tap.Service, tap.Incarnation, tap.Source == LogSource.Stdout ? ServiceFifos.Output : ServiceFifos.Error));
    }

    private void Take(Tap tap, DateTimeOffset at, ReadOnlySpan<byte> line, bool cut)
    {
        var intake = _intakes[tap.Service];
        var now = Now;
        TellLost(tap.Service, intake, intake.Rate.TakeLost(now));
        if (intake.Rate.TryTake(line.Length, now))
        {
            _keep(new LogLine { Time = at, Service = tap.Service, Source = tap.Source, Incarnation = tap.Incarnation, Text = LineText.Of(line, cut), Cut = cut });
        }
        else
        {
            intake.Incarnation = tap.Incarnation;
        }
    }

    private void TellLost(string service, ServiceIntake intake, long lost)
    {
        if (lost > 0)
        {
            Note(service, intake.Incarnation, string.Create(CultureInfo.InvariantCulture, $"{lost} lines lost: more came than {intake.Policy.Rate} a second (log.rate)"), lost);
        }
    }

    private void Note(string service, int incarnation, string text, long lost) =>
        _keep(new LogLine { Time = _time.GetUtcNow(), Service = service, Source = LogSource.Note, Incarnation = incarnation, Text = text, Lost = lost });

    /// <summary>When a pipe is to be closed or lost lines are to be told; null when neither waits.</summary>
    private TimeSpan? NextDue()
    {
        TimeSpan? due = null;
        foreach (var tap in _taps.Values)
        {
            due = tap.CloseAt is { } at && !(at >= due) ? at : due;
        }

        foreach (var intake in _intakes.Values)
        {
            due = intake.Rate.CalmAt is { } at && !(at >= due) ? at : due;
        }

        return due;
    }

    private int TimeoutMs() => _due is { } time ? (int)Math.Clamp(Math.Ceiling((time - Now).TotalMilliseconds), 0, int.MaxValue) : -1;
}
