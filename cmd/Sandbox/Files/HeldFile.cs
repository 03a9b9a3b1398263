using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A file of a tree that stays open between two pieces of a transfer, and is closed at once when the tree goes away. Safe from any thread.</summary>
internal sealed class HeldFile : IDisposable
{
    private readonly FileDescriptor _file;
    private readonly CancellationTokenRegistration _ending;

    internal HeldFile(FileDescriptor file, CancellationToken ended) => (_file, _ending) = (file, ended.UnsafeRegister(static f => ((FileDescriptor)f!).Dispose(), file));

    /// <summary>Works with it while nobody closes it; EBADF when somebody has.</summary>
    internal T Use<T>(Func<int, T> work, T closed)
    {
        var held = false;
        try
        {
            _file.DangerousAddRef(ref held);
            return work(_file.Number);
        }
        catch (ObjectDisposedException)
        {
            return closed;
        }
        finally
        {
            if (held)
            {
                _file.DangerousRelease();
            }
        }
    }

    public void Dispose()
    {
        _ending.Dispose();
        _file.Dispose();
    }
}
