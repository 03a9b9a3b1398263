namespace Strata.Sandbox;

/// <summary>Tells of denials, but not of more in a minute than is said: a program that tries for ever must not fill the audit log.</summary>
internal sealed class DenialRecord(int aMinute, TimeProvider time, Action<string, string> tell)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private int _told;

    /// <summary>Something was denied.</summary>
    internal void Note(string to, string reason)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= Minute)
            {
                (_since, _told) = (time.GetTimestamp(), 0);
            }

            if (_told == aMinute)
            {
                return;
            }

            _told++;
        }

        tell(to, reason);
    }
}
