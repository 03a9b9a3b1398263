using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>Fetches a file from a sandbox.</summary>
internal static class SandboxFetching
{
    public static Task RunAsync(Session session, SandboxPlace source, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation)
    {
        var wish = new SandboxDownloadParams(source.Path, source.Session, source.Workspace);
        var call = Call.Of("sandbox.download", wish, WireJson.Default.SandboxDownloadParams) with { WithToken = true, Resource = source.Resource };
        return Download.RunAsync(session, call, source.Path, write, cancellation: cancellation);
    }

    /// <summary>Writes it beside the target, which it becomes when it is whole.</summary>
    public static async Task ToFileAsync(Session session, SandboxPlace source, string target, bool force, CancellationToken cancellation)
    {
        var part = target + ".part";
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await RunAsync(session, source, piece => file.Write(piece.Span), cancellation).ConfigureAwait(false);
            }

            File.Move(part, target, overwrite: force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write {target}: {e.Message}");
        }
        finally
        {
            File.Delete(part);
        }
    }
}
