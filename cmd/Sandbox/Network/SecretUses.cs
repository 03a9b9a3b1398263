using System.Collections.Concurrent;

namespace Strata.Sandbox;

/// <summary>Tells of each secret and host once, when that gets it.</summary>
internal sealed class SecretUses(Action<string, string> tell)
{
    /// <summary>Most that are told of; more can only be of hosts beneath one that was named with *.</summary>
    internal const int MaxTold = 1024;

    private readonly ConcurrentDictionary<(string Name, string To), byte> _told = new();

    /// <summary>A host gets a secret.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="to">The host.</param>
    internal void Note(string name, string to)
    {
        if (!_told.ContainsKey((name, to)) && _told.Count < MaxTold && _told.TryAdd((name, to), 0))
        {
            tell(name, to);
        }
    }
}
