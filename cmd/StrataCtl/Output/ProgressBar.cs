using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Output;

/// <summary>How far a long transfer has come: on standard error, on a terminal, and gone again at the end. Nothing anywhere else.</summary>
internal sealed class ProgressBar : IDisposable
{
    private const int Cells = 24;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Surroundings _around;
    private readonly bool _shows;
    private readonly string _name;
    private readonly long _begun;
    private readonly long _from;
    private long _drawn;
    private bool _visible;

    /// <summary>Begins.</summary>
    /// <param name="session">Whose output it accompanies.</param>
    /// <param name="name">What is carried.</param>
    /// <param name="from">Bytes that were there already.</param>
    public ProgressBar(Session session, string name, long from = 0)
    {
        (_around, _name, _from) = (session.Around, SafeText.Of(name), from);
        _shows = _around.StderrIsTerminal && !session.Out.Json;
        _begun = _drawn = _around.Time.GetTimestamp();
    }

    /// <summary>Tells how far it has come; draws ten times a second at most, and only what takes longer than a moment.</summary>
    /// <param name="bytes">Bytes so far.</param>
    /// <param name="total">All of them; null when that is not known.</param>
    public void Report(long bytes, long? total)
    {
        var now = _around.Time.GetTimestamp();
        if (!_shows || _around.Time.GetElapsedTime(_begun, now) < Delay || _around.Time.GetElapsedTime(_drawn, now) < Interval)
        {
            return;
        }

        (_drawn, _visible) = (now, true);
        _around.Stderr.Write($"\r\x1b[K{Line(_name, bytes, total, (bytes - _from) / _around.Time.GetElapsedTime(_begun, now).TotalSeconds)}");
        _around.Stderr.Flush();
    }

    public void Dispose()
    {
        if (_visible)
        {
            _around.Stderr.Write("\r\x1b[K");
            _around.Stderr.Flush();
            _visible = false;
        }
    }

    /// <summary>The line. Pure.</summary>
    internal static string Line(string name, long bytes, long? total, double rate)
    {
        var speed = $"{ByteSizes.Show(bytes)}  {ByteSizes.Show(rate)}/s";
        if (total is not > 0)
        {
            return $"{name}  {speed}";
        }

        var part = Math.Clamp((double)bytes / total.Value, 0, 1);
        var full = (int)(part * Cells);
        var left = rate > 0 ? $"  {Durations.Show(TimeSpan.FromSeconds(Math.Min(Math.Ceiling((total.Value - bytes) / rate), 359_999)))} left" : "";
        return $"{name}  [{new string('#', full)}{new string('-', Cells - full)}] {part * 100:0}%  {speed}{left}";
    }
}
