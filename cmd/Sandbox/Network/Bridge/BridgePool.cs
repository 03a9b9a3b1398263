using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>The addresses that bridges have: the first is the host's end of each, the others are one sandbox's each. Who comes next gets the one that was free longest.</summary>
internal sealed class BridgePool
{
    /// <summary>The shortest prefix of a pool: an index has four digits.</summary>
    internal const int MinPrefix = 16;

    /// <summary>The longest.</summary>
    internal const int MaxPrefix = 29;

    private const int First = 2;
    private readonly uint _base;
    private readonly HashSet<int> _taken = [];
    private int _last;

    /// <param name="range">IPv4, <see cref="MinPrefix"/> to <see cref="MaxPrefix"/> long.</param>
    /// <param name="start">Any number, by which the first is chosen: what is on its way to a sandbox of an earlier process does not find another one there.</param>
    internal BridgePool(IPNetwork range, uint start = 0)
    {
        Range = range;
        _base = BinaryPrimitives.ReadUInt32BigEndian(range.BaseAddress.GetAddressBytes());
        Capacity = (1 << (32 - range.PrefixLength)) - First - 1;
        _last = First - 1 + (int)(start % (uint)Capacity);
    }

    /// <summary>All of it.</summary>
    internal IPNetwork Range { get; }

    /// <summary>How many sandboxes it is enough for.</summary>
    internal int Capacity { get; }

    /// <summary>The host's end of every pair.</summary>
    internal IPAddress Gateway => AddressOf(1);

    /// <summary>Whether a range can be a pool.</summary>
    internal static bool IsUsable(IPNetwork range) =>
        range.BaseAddress.AddressFamily == AddressFamily.InterNetwork && range.PrefixLength is >= MinPrefix and <= MaxPrefix;

    /// <summary>The address of an index.</summary>
    internal IPAddress AddressOf(int index)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _base + (uint)index);
        return new IPAddress(bytes);
    }

    /// <summary>Takes an index; null when all are taken.</summary>
    internal int? TryTake()
    {
        lock (_taken)
        {
            for (int tried = 0; tried < Capacity; tried++)
            {
                _last = _last + 1 < First + Capacity ? _last + 1 : First;
                if (_taken.Add(_last))
                {
                    return _last;
                }
            }

            return null;
        }
    }

    /// <summary>Gives one back.</summary>
    internal void Return(int index)
    {
        lock (_taken)
        {
            _taken.Remove(index);
        }
    }
}
