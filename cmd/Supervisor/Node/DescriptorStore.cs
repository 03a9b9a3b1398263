using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Descriptors that services gave into safe keeping for their next instance. A bounded number a service; what comes beyond it is
/// closed. Safe from any thread: processes are started beside the loop.
/// </summary>
internal sealed class DescriptorStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(string Name, FileDescriptor Descriptor)>> _kept = new(StringComparer.Ordinal);

    /// <summary>Keeps what came with a message, or forgets what it names. The message's descriptors belong to the store from here on.</summary>
    /// <returns>How many found no room.</returns>
    internal int Take(string service, NotifyMessage message, int most)
    {
        lock (_lock)
        {
            if (message.Forgets)
            {
                Remove(service, kept => kept.Name == message.Name);
            }

            if (message.Descriptors.Count == 0)
            {
                return 0;
            }

            var kept = _kept.TryGetValue(service, out var known) ? known : _kept[service] = [];
            var room = Math.Clamp(most - kept.Count, 0, message.Descriptors.Count);
            kept.AddRange(message.Descriptors.Take(room).Select(descriptor => (message.Name, descriptor)));
            foreach (var refused in message.Descriptors.Skip(room))
            {
                refused.Dispose();
            }

            return message.Descriptors.Count - room;
        }
    }

    /// <summary>What is kept for a service, as descriptors of the caller's own: the store may change while they are handed over.</summary>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    internal StoredDescriptors Copy(string service)
    {
        lock (_lock)
        {
            var copies = new List<(string Name, FileDescriptor Descriptor)>();
            try
            {
                foreach (var (name, descriptor) in _kept.GetValueOrDefault(service) ?? [])
                {
                    copies.Add((name, FileDescriptor.Duplicate(descriptor.Number)));
                }

                return new StoredDescriptors(copies);
            }
            catch
            {
                new StoredDescriptors(copies).Dispose();
                throw;
            }
        }
    }

    /// <summary>Closes what is kept for a service that has come to rest.</summary>
    internal void Drop(string service)
    {
        lock (_lock)
        {
            Remove(service, _ => true);
            _kept.Remove(service);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var service in _kept.Keys.ToArray())
            {
                Drop(service);
            }
        }
    }

    private void Remove(string service, Predicate<(string Name, FileDescriptor Descriptor)> which)
    {
        if (_kept.TryGetValue(service, out var kept))
        {
            kept.FindAll(which).ForEach(entry => entry.Descriptor.Dispose());
            kept.RemoveAll(which);
        }
    }
}
