using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A file that is sent: beside its target until it is whole, and gone when it never is.</summary>
internal sealed class IncomingFile(FileSpace space, string path, PendingFile file, BlockingGate gate, int mode, bool replace) : Incoming(space, path)
{
    private readonly Lock _using = new();
    private long _taken;
    private bool _closed;
    private bool _kept;

    internal override Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => gate.RunAsync(
        () => WhileOpen(() =>
        {
            using var entered = Space.Reenter?.Invoke();
            Space.Allowance?.Take(bytes.Length, 0);
            _taken += bytes.Length;
            var written = SandboxFileErrors.Check(FileContent.TryWriteAll(file.Descriptor, bytes.Span, Received));
            Received += written;
            return written < bytes.Length ? throw SandboxFileErrors.Of(-Errno.ENOSPC) : written;
        }),
        () => cancellation).AsTask();

    internal override async Task<SandboxUploadDone> CommitAsync(CancellationToken cancellation)
    {
        await gate.RunAsync(
            () => WhileOpen(() =>
            {
                using var entered = Space.Reenter?.Invoke();
                var result = Space.RunAs(() => FileContent.TryChangeMode(file.Descriptor, mode) is var changed and < 0 ? changed : file.Commit(replace, Space.IsDurable));
                _kept = result >= 0;
                return SandboxFileErrors.Check(result);
            }),
            () => cancellation).ConfigureAwait(false);
        return new SandboxUploadDone(Received);
    }

    protected override void OnDisposed()
    {
        lock (_using)
        {
            _closed = true;
            if (!_kept)
            {
                Space.Allowance?.GiveBack(_taken, 1);
            }

            Space.RunAs(() =>
            {
                file.Dispose();
                return 0;
            });
        }
    }

    private int WhileOpen(Func<int> work)
    {
        lock (_using)
        {
            return _closed ? throw UploadTable.NoSuchHandle() : work();
        }
    }
}
