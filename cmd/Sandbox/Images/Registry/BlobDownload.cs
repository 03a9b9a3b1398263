using System.Globalization;
using System.Net;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Brings one blob into a file, from where an earlier attempt ended, and lets nothing else in than what its digest says.</summary>
internal sealed class BlobDownload(RegistryRepository repository, ImageOptions options, TimeProvider time)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Downloads it.</summary>
    /// <param name="path">The file; what is there of an earlier attempt is gone on with, and stays when this one fails.</param>
    /// <param name="digest">What it must be.</param>
    /// <param name="bytes">How long it must be.</param>
    /// <param name="progress">Told of each piece.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArchiveException">It is something else; the file is removed.</exception>
    internal async Task RunAsync(string path, Digest digest, long bytes, ImageProgress progress, CancellationToken cancellation)
    {
        long counted = 0;
        await repository.TryAsync(
            async () =>
            {
                await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.Asynchronous);
                var resumes = file.Length > 0;
                var hash = await ResumeAsync(file, bytes, cancellation).ConfigureAwait(false);
                Count(file.Length);
                if (file.Length < bytes)
                {
                    hash = await FetchAsync(file, hash, digest, bytes, Count, cancellation).ConfigureAwait(false);
                }

                if (hash.Finish() != digest.Hex)
                {
                    file.SetLength(0);
                    // What an earlier attempt left may have been damaged since: then all of it is fetched anew.
                    throw resumes ? new IOException("what was there of it is damaged") : RegistryRepository.Other(digest);
                }

                return true;

                // What was counted once is not counted again after a failure; what begins anew is taken back.
                void Count(long length)
                {
                    progress.Add(length - counted);
                    counted = length;
                }
            },
            cancellation).ConfigureAwait(false);
    }

    private async Task<Sha256Hash> FetchAsync(FileStream file, Sha256Hash hash, Digest digest, long bytes, Action<long> count, CancellationToken cancellation)
    {
        using var quiet = new Silence(options.Patience, time, cancellation);
        using var response = await repository.OpenBlobAsync(digest, file.Length, quiet.Token).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != file.Length)
        {
            // The registry cannot go on in the middle.
            file.SetLength(0);
            file.Position = 0;
            hash = new Sha256Hash();
        }

        await using var content = await response.Content.ReadAsStreamAsync(quiet.Token).ConfigureAwait(false);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await content.ReadAsync(buffer, quiet.Token).ConfigureAwait(false)) > 0;)
        {
            quiet.Heard();
            if (file.Position + read > bytes)
            {
                file.SetLength(0);
                throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the registry sends more than the {bytes} bytes of {digest}"));
            }

            hash.Append(buffer.AsSpan(0, read));
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            count(file.Position);
        }

        return file.Position == bytes ? hash : throw new IOException("it ends in the middle");
    }

    private static async Task<Sha256Hash> ResumeAsync(FileStream file, long bytes, CancellationToken cancellation)
    {
        if (file.Length > bytes)
        {
            file.SetLength(0);
        }

        var hash = new Sha256Hash();
        var buffer = new byte[BufferBytes];
        for (int read; (read = await file.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.Append(buffer.AsSpan(0, read));
        }

        return hash;
    }
}
