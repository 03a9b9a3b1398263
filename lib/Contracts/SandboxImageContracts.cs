using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of methods that work on one image.</summary>
public sealed record SandboxImageParams(
    [property: Description("a name, an alias of the configuration, or sha256: and the image's digest")][property: StringLength(256, MinimumLength = 1)] string Image);

/// <summary>Params of <c>sandbox.image_list</c>.</summary>
public sealed record SandboxImageListParams(
    [property: Description("next of the page before")][property: StringLength(128, MinimumLength = 1)] string? Cursor = null,
    [property: Description("images wanted on this page")][property: Range(1, 100)] int Limit = 100);

/// <summary>An image.</summary>
public sealed record SandboxImage(
    [property: Description("digest of its manifest")] string Digest,
    [property: Description("names that mean it; none for one that a prune removes")] IReadOnlyList<string> Names,
    [property: Description("how many layers it has")] int Layers,
    [property: Description("about how much its layers take on disk, those shared with others among them")] long Bytes,
    [property: Description("how long its layers were on their way")] long PackedBytes,
    [property: Description("when it was stored, RFC 3339 UTC")] string Stored,
    [property: Description("how many sessions have it")] int Uses);

/// <summary>Result of <c>sandbox.image_list</c>.</summary>
public sealed record SandboxImageList(
    [property: Description("images that the capability allows, the oldest first; the built-in image host is not among them")] IReadOnlyList<SandboxImage> Images,
    [property: Description("about how much all layers take on disk")] long Bytes,
    [property: Description("the most that they may take")] long MaxBytes,
    [property: Description("cursor of the next page; absent on the last")] string? Next = null);

/// <summary>One layer of an image.</summary>
public sealed record SandboxImageLayer(
    [property: Description("digest of the layer, unpacked")] string Digest,
    [property: Description("about how much it takes on disk")] long Bytes,
    [property: Description("how many entries it was made of")] int Entries);

/// <summary>Result of <c>sandbox.image_inspect</c>.</summary>
public sealed record SandboxImageDetails(
    [property: Description("the image")] SandboxImage Image,
    [property: Description("digest of its configuration")] string Config,
    [property: Description("its layers, the lowest first")] IReadOnlyList<SandboxImageLayer> Layers,
    [property: Description("variables that its maker set, NAME=value each")] IReadOnlyList<string> Environment,
    [property: Description("where its maker has programs start; empty for the root")] string WorkingDirectory,
    [property: Description("as whom its maker has programs run; empty for root")] string User,
    [property: Description("the program that its maker has started")] IReadOnlyList<string> Entrypoint,
    [property: Description("that program's arguments when nobody gives any")] IReadOnlyList<string> Command);

/// <summary>Params of <c>sandbox.image_pull</c>.</summary>
public sealed record SandboxImagePullParams(
    [property: Description("registry/repository:tag or registry/repository@sha256:…")][property: StringLength(256, MinimumLength = 1)] string Image,
    [property: Description("a further name for it")][property: StringLength(200, MinimumLength = 1)] string? Name = null);

/// <summary>How far a pull or an import is; the last one has the image.</summary>
public sealed record SandboxImageProgress(
    [property: Description("resolving, downloading, unpacking or done")] string Phase,
    [property: Description("layers that are done")] int LayersDone,
    [property: Description("layers in all; 0 until it is known")] int Layers,
    [property: Description("bytes that are here")] long Bytes,
    [property: Description("bytes in all; 0 until it is known")] long TotalBytes,
    [property: Description("the image, once it is stored")] SandboxImage? Image = null);

/// <summary>Params of <c>sandbox.image_upload</c>.</summary>
public sealed record SandboxImageUploadParams(
    [property: Description("a name of your own for the upload; letters, digits, - and _")][property: StringLength(64, MinimumLength = 1)] string Upload,
    [property: Description("where the bytes belong: 0, which begins anew, or the end of what is there")][property: Range(0, 9.2e18)] long Offset,
    [property: Description("the bytes, standard base64")] ReadOnlyMemory<byte> DataB64);

/// <summary>Result of <c>sandbox.image_upload</c>.</summary>
public sealed record SandboxImageUploadResult([property: Description("where the next bytes belong")] long Offset);

/// <summary>Params of <c>sandbox.image_import</c>.</summary>
public sealed record SandboxImageImportParams(
    [property: Description("name of the upload; it is gone afterwards, whatever becomes of it")][property: StringLength(64, MinimumLength = 1)] string Upload,
    [property: Description("what the image is called from then on")][property: StringLength(200, MinimumLength = 1)] string Name,
    [property: Description("how many bytes the upload must have")][property: Range(0, 9.2e18)] long Size);

/// <summary>Result of <c>sandbox.image_validate</c>.</summary>
public sealed record SandboxImageValidateResult(
    [property: Description("whether all is as it was stored")] bool Good,
    [property: Description("what is not")] IReadOnlyList<string> Faults);

/// <summary>Params of <c>sandbox.image_prune</c>.</summary>
public sealed record SandboxImagePruneParams([property: Description("also images that have a name, unless they are in use")] bool All = false);

/// <summary>Result of <c>sandbox.image_delete</c> and <c>sandbox.image_prune</c>.</summary>
public sealed record SandboxImageRemoved(
    [property: Description("digests of images that are gone; none when only a name went")] IReadOnlyList<string> Images,
    [property: Description("layers that are gone")] int Layers,
    [property: Description("about how much room that gives")] long Bytes);
