using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Descriptors that outlive this process: what is given to the supervisor is handed to the service's next instance, after a restart or a
/// crash, and to the new instance of a rolling restart. The manifest's <c>fd_store_max</c> says how many; <c>svc.stop</c> drops them all.
/// </summary>
public sealed class DescriptorKeep
{
    private readonly List<(string Name, FileDescriptor Descriptor)> _inherited = [];

    internal DescriptorKeep(InheritedDescriptors inherited)
    {
        foreach (var (name, number) in inherited.Stored)
        {
            _ = Descriptors.TrySetCloseOnExec(number);
            _inherited.Add((name, new FileDescriptor(number)));
        }
    }

    /// <summary>Takes what an earlier instance stored under a name, in that order; they are the caller's, and a second call finds none. They stay stored.</summary>
    /// <param name="name">The name.</param>
    public IReadOnlyList<FileDescriptor> Take(string name)
    {
        lock (_inherited)
        {
            var found = _inherited.Where(entry => entry.Name == name).Select(entry => entry.Descriptor).ToList();
            _inherited.RemoveAll(entry => entry.Name == name);
            return found;
        }
    }

    /// <summary>Stores copies of descriptors for the next instance. Those beyond the manifest's <c>fd_store_max</c> are not kept.</summary>
    /// <param name="name">1 to 255 printable ASCII characters without a colon.</param>
    /// <param name="descriptors">Open descriptors; they stay open here.</param>
    /// <returns>False when no supervisor listens.</returns>
    /// <exception cref="ArgumentException">The name cannot be one.</exception>
    /// <exception cref="LinuxException">The supervisor does not read, or there are too many at once.</exception>
    public static bool Store(string name, params ReadOnlySpan<int> descriptors) => SdNotify.Send($"FDSTORE=1\nFDNAME={Checked(name)}", descriptors);

    /// <summary>Has the supervisor close what it keeps under a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>False when no supervisor listens.</returns>
    /// <exception cref="ArgumentException">The name cannot be one.</exception>
    /// <exception cref="LinuxException">The supervisor does not read.</exception>
    public static bool Forget(string name) => SdNotify.Send($"FDSTOREREMOVE=1\nFDNAME={Checked(name)}");

    private static string Checked(string name) => NotifyMessage.IsName(name) ? name
        : throw new ArgumentException($"descriptors are stored under 1 to {NotifyMessage.MaxNameChars} printable ASCII characters without a colon", nameof(name));
}
