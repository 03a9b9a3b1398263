namespace Strata.Fs.Tests;

/// <summary>The real time plus a shift that tests set; timers fire when a shift passes their due time, and only then.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private readonly List<Alarm> _alarms = [];
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(callback, state, period);
        lock (_alarms)
        {
            _alarms.Add(alarm);
        }

        alarm.Change(dueTime, period);
        return alarm;
    }

    internal void Advance(TimeSpan span)
    {
        Alarm[] due;
        lock (_alarms)
        {
            _shift += span;
            due = [.. _alarms.Where(a => a.IsArmed)];
        }

        foreach (var alarm in due)
        {
            alarm.Pass(span);
        }
    }

    private sealed class Alarm(TimerCallback callback, object? state, TimeSpan period) : ITimer
    {
        private TimeSpan _left;

        internal bool IsArmed { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            IsArmed = dueTime >= TimeSpan.Zero;
            _left = dueTime;
            return true;
        }

        public void Dispose() => IsArmed = false;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Pass(TimeSpan span)
        {
            _left -= span;
            if (_left <= TimeSpan.Zero)
            {
                _left = period;
                callback(state);
            }
        }
    }
}
