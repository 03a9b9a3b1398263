using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary><c>fs.write_atomic</c>: the whole content of a file in one call. At no instant, not even after a crash, has the path half of it.</summary>
internal sealed class AtomicWriter(PathCalls paths, ByteAllowances allowances, FsAudit audit)
{
    private const int UsualMode = 0x1A4; // 0644

    internal async ValueTask<Reply<StatusResult>> WriteAsync(WriteAtomicParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var mode = UsualMode;
        var fault = FileWriter.BytesOf(wish.DataB64, wish.Data, out var bytes) ?? (wish.Permissions is null ? null : Permissions.Parse(wish.Permissions, out mode));
        if (fault is not null)
        {
            return fault;
        }

        var claims = PathCalls.ClaimsOf(call);
        if (await allowances.TakeAsync(claims, bytes.Length).ConfigureAwait(false) is { } excess)
        {
            return paths.Refuse(call, wish.Path, excess);
        }

        var done = false;
        try
        {
            var outcome = await paths.RunAsync(path, root => Write(root, path.Relative, bytes.Span, wish, mode), call).ConfigureAwait(false);
            if (outcome.Error is not null)
            {
                return paths.Refuse(call, wish.Path, outcome);
            }

            done = true;
        }
        finally
        {
            allowances.GiveBack(claims, done ? 0 : bytes.Length);
        }

        audit.Changed(call, wish.Path, bytes: bytes.Length);
        return new StatusResult("written");
    }

    private static PathOutcome Write(BeneathRoot root, byte[] path, ReadOnlySpan<byte> bytes, WriteAtomicParams wish, int mode)
    {
        var pending = PendingFile.TryMake(root, path, wish.Replace, mode, out var made, out var found);
        if (pending < 0)
        {
            return found ? PathOutcome.OfChange(pending) : PathOutcome.Of(pending);
        }

        using var file = made!;
        var written = FileContent.TryWriteAll(file.Descriptor, bytes, 0);
        var result = written < 0 ? written : written < bytes.Length ? -Errno.ENOSPC : 0;
        // Bits that were asked for are exact, those of the file replaced are kept; without either the umask has its say.
        if (result == 0 && (wish.Permissions is not null ? mode : file.ModeOfTarget()) is { } bits)
        {
            result = FileContent.TryChangeMode(file.Descriptor, bits);
        }

        return PathOutcome.OfChange(result < 0 ? result : file.Commit(wish.Replace));
    }
}
