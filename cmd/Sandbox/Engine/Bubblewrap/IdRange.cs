using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The users of one sandbox, its own until disposal, which must come when it is gone.</summary>
/// <param name="ids">Who they are.</param>
/// <param name="mapping">The namespace by which mounts show what is on disk as theirs, owned by somebody else; null where they are those of what is on disk.</param>
/// <param name="giveBack">Lets another sandbox have them; null for ids that are shared.</param>
internal sealed class IdRange(SandboxIds ids, FileDescriptor? mapping, Action? giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <summary>The ids of what is on disk, which many sandboxes may have.</summary>
    internal static IdRange OfDisk => new(SandboxIds.OnDisk, null, null);

    /// <summary>Who they are.</summary>
    internal SandboxIds Ids => ids;

    /// <summary>What the process that makes the sandbox is given.</summary>
    internal int[] Descriptors => mapping is null ? [] : [mapping.Number];

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
