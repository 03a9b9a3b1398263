using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>Copies of what a service has in safe keeping, in the order in which it was given; closed when its next instance has them.</summary>
/// <param name="entries">Names and descriptors.</param>
internal sealed class StoredDescriptors(IReadOnlyList<(string Name, FileDescriptor Descriptor)> entries) : IDisposable
{
    /// <summary>The names, for LISTEN_FDNAMES.</summary>
    internal IReadOnlyList<string> Names => [.. entries.Select(entry => entry.Name)];

    /// <summary>The numbers to inherit.</summary>
    internal IReadOnlyList<int> Numbers => [.. entries.Select(entry => entry.Descriptor.Number)];

    public void Dispose()
    {
        foreach (var (_, descriptor) in entries)
        {
            descriptor.Dispose();
        }
    }
}
