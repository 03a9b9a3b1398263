using System.Globalization;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>What comes out of a packed archive: counted, hashed, and no more of it than the bounds let.</summary>
/// <param name="unpacked">The unpacked bytes.</param>
/// <param name="packed">Says how many packed bytes they came from; null when they were not packed.</param>
/// <param name="limits">The bounds.</param>
/// <param name="cancellation">Ends the reading.</param>
internal sealed class MeteredStream(Stream unpacked, Func<long>? packed, UnpackLimits limits, CancellationToken cancellation) : ReadOnlyStream
{
    private readonly Sha256Hash _hash = new();

    internal long Bytes { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        int read = unpacked.Read(buffer);
        Bytes += read;
        if (Bytes > limits.MaxBytes)
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive unpacks to more than {limits.MaxBytes} bytes"));
        }

        if (packed is not null && Bytes > limits.FreeBytes && Bytes / limits.MaxRatio > packed())
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive unpacks to more than {limits.MaxRatio} times its size"));
        }

        _hash.Append(buffer[..read]);
        return read;
    }

    /// <summary>Reads what is left and tells the digest of all.</summary>
    internal Digest Finish()
    {
        byte[] rest = new byte[64 * 1024];
        while (Read(rest) > 0)
        {
        }

        return new Digest(_hash.Finish());
    }
}
