using Strata.Policy;

namespace Strata.Hosting.Tests.Logging;

/// <summary>An audit file that waits or fails as a test wishes.</summary>
internal sealed class StubbornFile : IAuditFile, IDisposable
{
    internal TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ManualResetEventSlim Go { get; } = new();

    internal bool AppendFails { get; set; }

    internal bool SyncFails { get; set; }

    internal int Lines { get; private set; }

    internal string LastLine { get; private set; } = "";

    internal int Appends { get; private set; }

    internal int Closed { get; private set; }

    internal string? Disturbed { get; set; }

    public AuditHead Open() => AuditHead.Genesis;

    public string? Disturbance()
    {
        var what = Disturbed;
        Disturbed = null;
        return what;
    }

    public void Append(ReadOnlySpan<byte> lines)
    {
        Entered.TrySetResult();
        Go.Wait();
        if (AppendFails)
        {
            throw new IOException("the disk is full");
        }

        Appends++;
        LastLine = System.Text.Encoding.UTF8.GetString(lines).TrimEnd('\n').Split('\n')[^1];
        Lines += lines.Count((byte)'\n');
    }

    public void Sync()
    {
        if (SyncFails)
        {
            throw new IOException("the disk is broken");
        }
    }

    public void Close() => Closed++;

    public void Dispose() => Go.Dispose();
}
