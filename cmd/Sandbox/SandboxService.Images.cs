using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for images.</summary>
internal sealed partial class SandboxService
{
    private const string Image = "sandbox.image";
    private const string ManageImages = "sandbox.image_manage";

    private static ErrorCode[] OfImages =>
        [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted];

    private IReadOnlyList<Method> ImageMethods =>
    [
        new UnaryMethod<SandboxImageListParams, SandboxImageList>(
            "sandbox.image_list", "Lists the images that are stored, a page at a time.",
            Access.Right(Image), () => ContractsJson.Default.SandboxImageListParams, () => ContractsJson.Default.SandboxImageList,
            OfImage<SandboxImageListParams, SandboxImageList>(_images.List)) { Errors = OfImages },
        new UnaryMethod<SandboxImageParams, SandboxImageDetails>(
            "sandbox.image_inspect", "Tells what an image is made of and what its programs are started with.",
            Access.Right(Image), () => ContractsJson.Default.SandboxImageParams, () => ContractsJson.Default.SandboxImageDetails,
            OfImage<SandboxImageParams, SandboxImageDetails>(_images.Inspect)) { Errors = OfImages },
        new StreamMethod<SandboxImagePullParams, SandboxImageProgress>(
            "sandbox.image_pull", "Fetches an image from a registry that the operator allows, and tells how far it is.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImagePullParams, () => ContractsJson.Default.SandboxImageProgress,
            SandboxCalls.AnswerStream<SandboxImagePullParams, SandboxImageProgress>(_images.PullAsync)) { Errors = OfImages },
        new UnaryMethod<SandboxImageUploadParams, SandboxImageUploadResult>(
            "sandbox.image_upload", "Adds the next bytes to an archive that is to be imported.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImageUploadParams, () => ContractsJson.Default.SandboxImageUploadResult,
            OfImage<SandboxImageUploadParams, SandboxImageUploadResult>(_images.Upload)) { Blocking = true, Errors = OfImages },
        new StreamMethod<SandboxImageImportParams, SandboxImageProgress>(
            "sandbox.image_import", "Makes an image of an uploaded archive: an OCI layout, docker's form, or the tar of a root.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImageImportParams, () => ContractsJson.Default.SandboxImageProgress,
            SandboxCalls.AnswerStream<SandboxImageImportParams, SandboxImageProgress>(_images.ImportAsync)) { Errors = OfImages },
        new UnaryMethod<SandboxImageParams, SandboxImageValidateResult>(
            "sandbox.image_validate", "Reads all that is stored of an image and tells what is not as it was.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImageParams, () => ContractsJson.Default.SandboxImageValidateResult,
            OfImage<SandboxImageParams, SandboxImageValidateResult>(_images.Validate)) { Blocking = true, Errors = OfImages },
        new UnaryMethod<SandboxImageParams, SandboxImageRemoved>(
            "sandbox.image_delete", "Takes an image's name away, and with the last one the image, unless it is in use.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImageParams, () => ContractsJson.Default.SandboxImageRemoved,
            OfImage<SandboxImageParams, SandboxImageRemoved>(_images.Delete)) { Blocking = true, Errors = OfImages },
        new UnaryMethod<SandboxImagePruneParams, SandboxImageRemoved>(
            "sandbox.image_prune", "Removes images without a name, and what is left of pulls and uploads that nobody goes on with.",
            Access.Right(ManageImages), () => ContractsJson.Default.SandboxImagePruneParams, () => ContractsJson.Default.SandboxImageRemoved,
            OfImage<SandboxImagePruneParams, SandboxImageRemoved>(_images.Prune)) { Blocking = true, Errors = OfImages },
    ];

    /// <summary>The store, for sessions to have images of.</summary>
    internal ImageStore Images { get; }

    /// <summary>Names of images with which something comes back that is on disk.</summary>
    private IEnumerable<string> KeptImages() =>
        Sessions.Table.All().Select(slot => slot.Record.Terms.ImageDigest ?? slot.Record.Terms.Image).Concat(Snapshots.Images());

    private static UnaryHandler<TParams, TResult> OfImage<TParams, TResult>(Func<TParams, CallContext, Reply<TResult>> handler) => (p, call) =>
    {
        try
        {
            return new(handler(p, call));
        }
        catch (Exception e) when (ImageCalls.Told(e) is { } told)
        {
            return new(SandboxCalls.ErrorOf(told));
        }
    };
}
