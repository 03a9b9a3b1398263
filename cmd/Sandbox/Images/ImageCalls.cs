using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>What callers do with images. A capability that names images reaches no other, by no name.</summary>
internal sealed class ImageCalls : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly ImageStore _store;
    private readonly ImageOptions _options;
    private readonly SandboxAudit _audit;
    private readonly TimeProvider _time;
    private readonly ImagePull _pull;
    private readonly ImageImport _import;
    private readonly ImageUploads _uploads;
    private readonly ImageTransfers _transfers;

    internal ImageCalls(ImageStore store, string directory, ImageOptions options, SandboxAudit audit, TimeProvider time)
    {
        (_store, _options, _audit, _time) = (store, options, audit, time);
        _pull = new ImagePull(store, directory, options, time);
        _import = new ImageImport(store, options, time);
        _uploads = new ImageUploads(directory, store, options, time);
        _transfers = new ImageTransfers(options.MaxTransfers);
    }

    internal Reply<SandboxImageList> List(SandboxImageListParams wish, CallContext call)
    {
        var allowed = _store.List().Where(image => image.Names.Any(name => BoundsOf(call).AllowsImage(name)) || BoundsOf(call).AllowsImage(image.Record.Manifest)).ToList();
        var from = wish.Cursor is null ? 0 : allowed.FindIndex(image => image.Record.Manifest == wish.Cursor) + 1;
        var page = allowed.Skip(from).Take(wish.Limit).Select(image => View(image, call)).ToList();
        return new SandboxImageList(page, _store.Bytes, _options.MaxBytes, from + page.Count < allowed.Count ? page[^1].Digest : null);
    }

    internal Reply<SandboxImageDetails> Inspect(SandboxImageParams wish, CallContext call)
    {
        Require(call, wish.Image);
        var image = _store.Find(wish.Image);
        var defaults = image.Record.Defaults;
        return new SandboxImageDetails(
            View(image, call), image.Record.Config, [.. image.Layers.Select(layer => new SandboxImageLayer(layer.Digest, layer.Bytes, layer.Entries))],
            defaults.Environment, defaults.WorkingDirectory, defaults.User, defaults.Entrypoint, defaults.Command);
    }

    internal Reply<SandboxImageValidateResult> Validate(SandboxImageParams wish, CallContext call)
    {
        Require(call, wish.Image);
        var faults = _store.Validate(wish.Image, call.Cancellation);
        _audit.Done(call, wish.Image);
        return new SandboxImageValidateResult(faults.Count == 0, faults);
    }

    internal Reply<SandboxImageRemoved> Delete(SandboxImageParams wish, CallContext call)
    {
        Require(call, wish.Image);
        var removed = _store.Delete(wish.Image);
        _audit.Done(call, wish.Image, removed.Images.Count > 0 ? removed.Images[0] : null, removed.Bytes);
        return new SandboxImageRemoved(removed.Images, removed.Layers, removed.Bytes);
    }

    internal Reply<SandboxImageRemoved> Prune(SandboxImagePruneParams wish, CallContext call)
    {
        Require(call, "*");
        var removed = _store.Prune(wish.All);
        var parts = _pull.Prune();
        _uploads.Prune();
        _audit.Done(call, "*", bytes: removed.Bytes + parts);
        return new SandboxImageRemoved(removed.Images, removed.Layers, removed.Bytes + parts);
    }

    internal Reply<SandboxImageUploadResult> Upload(SandboxImageUploadParams wish, CallContext call) =>
        new SandboxImageUploadResult(_uploads.Write(SandboxSessions.OwnerOf(call), wish.Upload, wish.Offset, wish.DataB64.Span));

    internal ValueTask<Reply<IAsyncEnumerable<SandboxImageProgress>>> PullAsync(SandboxImagePullParams wish, CallContext call)
    {
        var reference = ImageReference.Parse(wish.Image);
        Require(call, reference.Name);
        if (wish.Name is not null)
        {
            RequireName(call, wish.Name);
        }

        _options.Registries.Find(reference.Registry);
        var transfer = _transfers.Join($"{reference.Name} {wish.Name}", (progress, cancellation) => _pull.RunAsync(reference, wish.Name, progress, cancellation));
        return new(Reply.Ok(FollowAsync(transfer, reference.Name, call)));
    }

    internal ValueTask<Reply<IAsyncEnumerable<SandboxImageProgress>>> ImportAsync(SandboxImageImportParams wish, CallContext call)
    {
        RequireName(call, wish.Name);
        var path = _uploads.Take(SandboxSessions.OwnerOf(call), wish.Upload, wish.Size);
        try
        {
            var transfer = _transfers.Join(path, (progress, cancellation) => Task.Run(() => Import(path, wish.Name, progress, cancellation), CancellationToken.None));
            return new(Reply.Ok(FollowAsync(transfer, wish.Name, call)));
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transfers.DisposeAsync().ConfigureAwait(false);
        _uploads.Dispose();
        _pull.Dispose();
    }

    /// <summary>What goes wrong with images, as callers are told it.</summary>
    internal static SandboxException? Told(Exception e) => e switch
    {
        SandboxException told => told,
        ArchiveException refused => new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.ImageRefused, refused.Message),
        _ when LayerCalls.IsFullDisk(e) => new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.ImageStoreFull, "the disk of the service's state is full"),
        IOException or UnauthorizedAccessException => new SandboxException(ErrorCode.Unavailable, SandboxReasons.StateUnwritable, $"the image cannot be kept in the service's state directory: {e.Message}"),
        _ => null,
    };

    private StoredImage Import(string path, string name, ImageProgress progress, CancellationToken cancellation)
    {
        try
        {
            return _import.Run(path, name, progress, cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Tells how far a transfer is, from time to time, until it is done; whoever goes away has no part in it any more.</summary>
    private async IAsyncEnumerable<SandboxImageProgress> FollowAsync(ImageTransfer transfer, string name, CallContext call, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            SandboxImageProgress? last = null;
            while (!transfer.Result.IsCompleted)
            {
                var now = View(transfer.Progress);
                if (now != last)
                {
                    yield return last = now;
                }

                await Task.WhenAny(transfer.Result, Task.Delay(Tick, _time, cancellation)).ConfigureAwait(false);
                cancellation.ThrowIfCancellationRequested();
            }

            var image = await ResultAsync(transfer, name, call).ConfigureAwait(false);
            _audit.Done(call, name, image.Record.Manifest, image.Record.PackedBytes);
            yield return View(transfer.Progress) with { Phase = "done", Image = View(image, call) };
        }
        finally
        {
            transfer.Leave();
        }
    }

    private async Task<StoredImage> ResultAsync(ImageTransfer transfer, string name, CallContext call)
    {
        try
        {
            return await transfer.Result.ConfigureAwait(false);
        }
        catch (Exception e) when (Told(e) is { } told)
        {
            _audit.Refused(call, name, told.Reason);
            throw new RpcException(SandboxCalls.ErrorOf(told));
        }
    }

    private static SandboxImageProgress View(ImageProgress progress) => new(progress.Phase, progress.LayersDone, progress.Layers, progress.Bytes, progress.TotalBytes);

    private static SandboxImage View(StoredImage image, CallContext call) => new(
        image.Record.Manifest, [.. image.Names.Where(name => BoundsOf(call).AllowsImage(name))], image.Layers.Count, image.Layers.Sum(layer => layer.Bytes), image.Record.PackedBytes, TimeText.Of(image.Record.Stored), image.Uses);

    private static SandboxBounds BoundsOf(CallContext call) => SandboxSessions.ClaimsOf(call).Constraints.Sandbox;

    private void Require(CallContext call, string image)
    {
        if (!BoundsOf(call).AllowsImage(image))
        {
            _audit.Denied(call, image, SandboxReasons.ImageDenied);
            throw new SandboxException(ErrorCode.PermissionDenied, SandboxReasons.ImageDenied, image == "*" ? "your capability allows some images only, and this is about all" : $"your capability does not allow image {image}");
        }
    }

    private void RequireName(CallContext call, string name)
    {
        if (!SandboxNames.IsImage(name) || ImageReference.IsPinned(name) || name == SessionTerms.HostImage || Digest.TryParse(name) is not null)
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.BadImageName, $"'{name}' cannot be the name of an image: letters, digits and . _ - : /, beginning with a letter or digit, and not host or a digest");
        }

        Require(call, name);
    }
}
