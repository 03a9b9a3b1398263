using System.Globalization;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Archives on their way to us, piece by piece, by the one who sends them and that one's name for it. None outlives the service.</summary>
internal sealed class ImageUploads : IDisposable
{
    /// <summary>How long an upload may lie before a prune takes it.</summary>
    internal static readonly TimeSpan IdleTime = TimeSpan.FromHours(1);

    private readonly string _directory;
    private readonly ImageOptions _options;
    private readonly ImageStore _store;
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Owner, string Name), Upload> _uploads = [];

    internal ImageUploads(string directory, ImageStore store, ImageOptions options, TimeProvider time)
    {
        (_directory, _store, _options, _time) = (Path.Combine(directory, "uploads"), store, options, time);
        PrivateDirectory.Ensure(_directory, LayerStore.PrivateMode).Dispose();
        foreach (var left in Directory.EnumerateFiles(_directory))
        {
            File.Delete(left);
        }
    }

    /// <summary>Adds bytes.</summary>
    /// <returns>Where the next ones belong.</returns>
    /// <exception cref="SandboxException">They belong elsewhere, or there is no room.</exception>
    internal long Write(string owner, string name, long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_uploads)
        {
            var known = _uploads.GetValueOrDefault((owner, name))?.File.Length ?? 0;
            if (offset != 0 && offset != known)
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.UploadOffset,
                    string.Create(CultureInfo.InvariantCulture, $"the upload has {known} bytes; send those from there on, or 0 to begin anew")) { Offset = known };
            }

            var upload = Find(owner, name, offset);

            if (offset + bytes.Length > _options.MaxPackedBytes)
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.ImageStoreFull, string.Create(CultureInfo.InvariantCulture, $"an upload may have at most {_options.MaxPackedBytes} bytes"));
            }

            _store.RequireRoom(_uploads.Values.Sum(other => other.File.Length) + bytes.Length);
            upload.File.Position = offset;
            upload.File.Write(bytes);
            upload.Written = _time.GetTimestamp();
            return upload.File.Length;
        }
    }

    /// <summary>Takes an upload out, for its import.</summary>
    /// <returns>Its path; whoever takes it removes it.</returns>
    /// <exception cref="SandboxException">There is none, or it has another length.</exception>
    internal string Take(string owner, string name, long bytes)
    {
        lock (_uploads)
        {
            if (!_uploads.TryGetValue((owner, name), out var upload))
            {
                throw new SandboxException(ErrorCode.NotFound, SandboxReasons.UploadNotFound, $"there is no upload {name}; sandbox.image_upload begins one");
            }

            if (upload.File.Length != bytes)
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.UploadOffset,
                    string.Create(CultureInfo.InvariantCulture, $"the upload has {upload.File.Length} bytes and not {bytes}; send the rest"));
            }

            _uploads.Remove((owner, name));
            upload.File.Dispose();
            return upload.Path;
        }
    }

    /// <summary>Removes uploads that nobody has added to for long.</summary>
    internal void Prune()
    {
        lock (_uploads)
        {
            foreach (var (key, upload) in _uploads.Where(upload => _time.GetElapsedTime(upload.Value.Written) > IdleTime).ToList())
            {
                _uploads.Remove(key);
                Discard(upload);
            }
        }
    }

    public void Dispose()
    {
        lock (_uploads)
        {
            foreach (var upload in _uploads.Values)
            {
                Discard(upload);
            }

            _uploads.Clear();
        }
    }

    private Upload Find(string owner, string name, long offset)
    {
        if (_uploads.TryGetValue((owner, name), out var known))
        {
            if (offset == 0)
            {
                known.File.SetLength(0);
            }

            return known;
        }

        if (IsFull(owner))
        {
            Prune();
        }

        if (IsFull(owner))
        {
            throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyTransfers,
                string.Create(CultureInfo.InvariantCulture, $"{_options.MaxUploadsOfOne} uploads of one owner and {_options.MaxUploads} in all are begun already; those that nobody adds to for an hour make room"));
        }

        var path = Path.Combine(_directory, SecureRandom.Hex(8));
        var upload = new Upload(path, new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }));
        _uploads[(owner, name)] = upload;
        return upload;
    }

    private bool IsFull(string owner) => _uploads.Count >= _options.MaxUploads || _uploads.Keys.Count(key => key.Owner == owner) >= _options.MaxUploadsOfOne;

    private static void Discard(Upload upload)
    {
        upload.File.Dispose();
        File.Delete(upload.Path);
    }

    private sealed class Upload(string path, FileStream file)
    {
        internal string Path { get; } = path;

        internal FileStream File { get; } = file;

        internal long Written { get; set; }
    }
}
