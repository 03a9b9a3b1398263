using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Something that is sent piece by piece: a file or an archive. Bound to the capability that began it.</summary>
internal abstract class Incoming : IDisposable
{
    private readonly TurnQueue _turns = new();
    private CancellationTokenRegistration _ending;
    private int _disposed;

    /// <param name="space">Where it goes; owned, and no session kept from ending by it.</param>
    /// <param name="path">The path as the caller named it.</param>
    protected Incoming(FileSpace space, string path)
    {
        (Space, Path) = (space, path);
        space.Release();
    }

    /// <summary>Its name.</summary>
    internal string Handle { get; } = SecureRandom.Hex(16);

    /// <summary>Where it goes.</summary>
    internal FileSpace Space { get; }

    /// <summary>The path as the caller named it.</summary>
    internal string Path { get; }

    /// <summary>Bytes that came.</summary>
    internal long Received { get; private protected set; }

    /// <summary>From here on it ends with the tree it goes to.</summary>
    /// <param name="end">Ends it; done elsewhere, so that whoever ends the tree does not wait.</param>
    internal void EndWithSpace(Action end) =>
        _ending = Space.Ended.UnsafeRegister(static work => ThreadPool.QueueUserWorkItem(static w => w(), (Action)work!, preferLocal: false), end);

    /// <summary>Runs work behind all that was asked of it before: pieces are taken in the order they came in.</summary>
    internal Task<T> InTurnAsync<T>(Func<Task<T>> work) => _turns.RunAsync(work);

    /// <summary>Takes the next bytes.</summary>
    internal abstract Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>It is whole: makes it what it is to be.</summary>
    internal abstract Task<SandboxUploadDone> CommitAsync(CancellationToken cancellation);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ending.Unregister();
            OnDisposed();
            Space.Dispose();
        }
    }

    /// <summary>What else ends with it.</summary>
    protected abstract void OnDisposed();
}
