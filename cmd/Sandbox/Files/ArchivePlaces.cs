using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Threads that pack and unpack archives, of which there are few: so many in all, and so many of one owner.</summary>
internal sealed class ArchivePlaces(int most, int mostOfOne)
{
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Takes a place; disposal gives it back.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    internal IDisposable Take(CallContext call)
    {
        var owner = SandboxSessions.OwnerOf(call);
        lock (_taken)
        {
            if (_count >= most || _taken.GetValueOrDefault(owner) >= mostOfOne)
            {
                throw new SandboxException(
                    ErrorCode.ResourceExhausted, SandboxReasons.ArchivesExhausted, $"{mostOfOne} archives of one owner and {most} in all are packed or unpacked at once; try again when one is done");
            }

            _count++;
            _taken[owner] = _taken.GetValueOrDefault(owner) + 1;
        }

        return new Place(() => GiveBack(owner));
    }

    private void GiveBack(string owner)
    {
        lock (_taken)
        {
            _count--;
            if (--_taken[owner] == 0)
            {
                _taken.Remove(owner);
            }
        }
    }

    private sealed class Place(Action giveBack) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
            {
                giveBack();
            }
        }
    }
}
