using System.Collections.Concurrent;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>
/// All open handles, within a bound for each capability and one in all. Finding takes no lock; whoever takes a handle out
/// owns it and disposes it, and only one caller can.
/// </summary>
internal sealed class HandleTable(FsOptions options)
{
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<string, OpenFile> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<OpenFile>> _byCapability = new(StringComparer.Ordinal);
    private int _count;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>The handle when it exists and belongs to the capability; <paramref name="isForeign"/> tells a stranger's apart, for the audit alone.</summary>
    internal OpenFile? Find(string handle, CapabilityClaims claims, out bool isForeign)
    {
        isForeign = false;
        if (!_byName.TryGetValue(handle, out var file))
        {
            return null;
        }

        isForeign = !file.BelongsTo(claims);
        return isForeign ? null : file;
    }

    /// <summary>Adds a handle.</summary>
    internal HandleRefusal TryAdd(OpenFile file)
    {
        lock (_changing)
        {
            var mine = _byCapability.GetValueOrDefault(file.CapabilityId);
            if (mine?.Count >= options.MaxHandlesPerCapability)
            {
                return HandleRefusal.CapabilityFull;
            }

            if (_count >= options.MaxHandles)
            {
                return HandleRefusal.ServiceFull;
            }

            if (mine is null)
            {
                _byCapability.Add(file.CapabilityId, mine = []);
            }

            mine.Add(file);
            _byName[file.Handle] = file;
            _count++;
            return HandleRefusal.None;
        }
    }

    /// <summary>Takes one handle out; true for the one caller that did.</summary>
    internal bool Remove(OpenFile file)
    {
        lock (_changing)
        {
            return Take(file);
        }
    }

    /// <summary>Takes out every handle of the capabilities that are revoked.</summary>
    internal IReadOnlyList<OpenFile> RemoveRevoked(RevocationSet revocations)
    {
        lock (_changing)
        {
            return TakeAll([.. _byName.Values.Where(file => revocations.Check(file.Claims) == RevocationStatus.Revoked)]);
        }
    }

    /// <summary>Takes out every handle whose capability has expired.</summary>
    internal IReadOnlyList<OpenFile> RemoveExpired(DateTimeOffset now)
    {
        lock (_changing)
        {
            return TakeAll([.. _byCapability.Values.SelectMany(mine => mine).Where(file => file.IsExpired(now))]);
        }
    }

    /// <summary>Takes out everything.</summary>
    internal IReadOnlyList<OpenFile> RemoveAll()
    {
        lock (_changing)
        {
            return TakeAll([.. _byName.Values]);
        }
    }

    private List<OpenFile> TakeAll(List<OpenFile> files)
    {
        files.ForEach(file => Take(file));
        return files;
    }

    private bool Take(OpenFile file)
    {
        if (!_byName.TryRemove(file.Handle, out _))
        {
            return false;
        }

        var mine = _byCapability[file.CapabilityId];
        mine.Remove(file);
        if (mine.Count == 0)
        {
            _byCapability.Remove(file.CapabilityId);
        }

        _count--;
        return true;
    }
}
