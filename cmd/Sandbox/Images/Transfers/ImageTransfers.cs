using System.Globalization;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Transfers that run now. Who wants what somebody else fetches already joins that; when the last one goes, it ends.</summary>
internal sealed class ImageTransfers(int max) : IAsyncDisposable
{
    private readonly Dictionary<string, ImageTransfer> _running = new(StringComparer.Ordinal);
    private bool _closed;

    /// <summary>Begins a transfer, or joins the one of the same key.</summary>
    /// <param name="key">What it fetches.</param>
    /// <param name="work">Fetches it.</param>
    /// <exception cref="SandboxException">There are too many.</exception>
    internal ImageTransfer Join(string key, Func<ImageProgress, CancellationToken, Task<StoredImage>> work)
    {
        lock (_running)
        {
            if (_running.TryGetValue(key, out var known) && known.TryJoin())
            {
                return known;
            }

            if (_running.Count >= max || _closed)
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyTransfers,
                    string.Create(CultureInfo.InvariantCulture, $"{max} images are fetched or imported already; try again when one of them is done"));
            }

            var transfer = new ImageTransfer(work);
            _running[key] = transfer;
            _ = ForgetAsync(key, transfer);
            return transfer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<ImageTransfer> left;
        lock (_running)
        {
            _closed = true;
            left = [.. _running.Values];
        }

        foreach (var transfer in left)
        {
            await transfer.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task ForgetAsync(string key, ImageTransfer transfer)
    {
        await ((Task)transfer.Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_running)
        {
            if (_running.GetValueOrDefault(key) == transfer)
            {
                _running.Remove(key);
            }
        }

        transfer.Dispose();
    }
}
