using System.Globalization;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Ranges of users for the sandboxes that live, the lowest free one each time. They are reserved by the block, for all services of the machine, by locks that end with this process however
/// that ends; a range in which somebody still runs then, left by a service that was killed, is left out.
/// </summary>
internal sealed class IdRanges : IDisposable
{
    /// <summary>Ranges that are reserved at once.</summary>
    internal const int BlockRanges = 64;

    /// <summary>The most blocks: the next would reach the ids of foreign images.</summary>
    internal const int MaxBlocks = 63;

    /// <summary>The most sandboxes with ranges of their own, of all services of a machine.</summary>
    internal const int MaxRanges = BlockRanges * MaxBlocks;

    /// <summary>Where blocks are reserved, for all services that see this directory.</summary>
    internal const string MachineDirectory = "/run/strata-sandbox-ids";

    /// <summary>Of how many ranges the namespace is kept when nobody has them; each costs a descriptor.</summary>
    internal const int KeptMappings = BlockRanges;

    private const int PrivateMode = 0x1C0;

    private readonly Lock _guard = new();
    private readonly SortedSet<int> _free = [];
    private readonly Dictionary<int, FileLock> _blocks = [];
    private readonly Dictionary<int, FileDescriptor> _mappings = [];
    private readonly Func<IEnumerable<uint>> _living;
    private readonly FileDescriptor _directory;
    private readonly int _maxBlocks;

    /// <param name="directory">Where blocks are reserved; made when it is missing.</param>
    /// <param name="living">Whom processes of the machine run as.</param>
    /// <param name="maxBlocks">The most blocks that are reserved.</param>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    /// <exception cref="UnsafeDirectoryException">Others can write it.</exception>
    internal IdRanges(string directory, Func<IEnumerable<uint>> living, int maxBlocks = MaxBlocks) =>
        (_directory, _living, _maxBlocks) = (PrivateDirectory.Ensure(directory, PrivateMode), living, maxBlocks);

    /// <summary>Whom the users of a range are.</summary>
    internal static SandboxIds IdsOf(int range) => new(SandboxIds.FirstOnDisk + (SandboxIds.Range * (uint)(range + 1)), SandboxIds.Range);

    /// <summary>Takes the lowest one that is free.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    internal int Take()
    {
        lock (_guard)
        {
            if (_free.Count == 0 && !TryReserve())
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManySessions,
                    $"this machine has ranges of users for {MaxRanges} sandboxes at once, in blocks of {BlockRanges} for each service, and all are taken; close some");
            }

            int range = _free.Min;
            _free.Remove(range);
            return range;
        }
    }

    /// <summary>Takes one back in which nobody runs any more.</summary>
    internal void GiveBack(int range)
    {
        lock (_guard)
        {
            _free.Add(range);
            if (range >= KeptMappings && _mappings.Remove(range, out var mapping))
            {
                mapping.Dispose();
            }
        }
    }

    /// <summary>The namespace by which mounts show what is on disk as a range's, made when it is first asked for. Only for whoever has taken the range.</summary>
    internal async Task<FileDescriptor> MappingAsync(int range, Func<SandboxIds, Task<FileDescriptor>> make)
    {
        lock (_guard)
        {
            if (_mappings.TryGetValue(range, out var known))
            {
                return known;
            }
        }

        var made = await make(IdsOf(range)).ConfigureAwait(false);
        lock (_guard)
        {
            return _mappings[range] = made;
        }
    }

    public void Dispose()
    {
        lock (_guard)
        {
            foreach (var held in _blocks.Values.Concat<IDisposable>(_mappings.Values).Append(_directory))
            {
                held.Dispose();
            }
        }
    }

    private bool TryReserve()
    {
        for (int block = 0; block < _maxBlocks; block++)
        {
            if (_blocks.ContainsKey(block) || FileLock.TryAcquire(_directory, string.Create(CultureInfo.InvariantCulture, $"{block}")) is not { } held)
            {
                continue;
            }

            _blocks[block] = held;
            var living = _living().Select(RangeOf).ToHashSet();
            _free.UnionWith(Enumerable.Range(block * BlockRanges, BlockRanges).Where(range => !living.Contains(range)));
            if (_free.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static int RangeOf(uint user) => (int)((user - (long)SandboxIds.FirstOnDisk) >> 16) - 1;
}
