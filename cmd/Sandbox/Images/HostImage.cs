using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The built-in image alone.</summary>
internal sealed class HostImage : ISessionImages
{
    public ImageLayers Use(string image) => image == SessionTerms.HostImage
        ? new ImageLayers([])
        : throw new SandboxException(ErrorCode.NotFound, SandboxReasons.ImageNotFound, $"there is no image {image}; the built-in one is host");
}
