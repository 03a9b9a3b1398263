namespace Strata.Sandbox;

/// <summary>Gives sessions the directories of their images.</summary>
internal interface ISessionImages
{
    /// <summary>The directories of an image, the topmost first; none for the built-in image <c>host</c>.</summary>
    /// <param name="image">Its name, well-formed.</param>
    /// <returns>The directories; disposal lets them go.</returns>
    /// <exception cref="SandboxException">There is no such image.</exception>
    ImageLayers Use(string image);

    /// <summary>What an image's name means now; null for none and for the built-in one.</summary>
    /// <param name="image">Its name, well-formed.</param>
    string? DigestOf(string image);
}

/// <summary>The directories of an image while they are in use.</summary>
/// <param name="directories">The topmost first.</param>
/// <param name="release">Called once they are not needed any more.</param>
internal sealed class ImageLayers(IReadOnlyList<string> directories, Action? release = null) : IDisposable
{
    /// <summary>The topmost first.</summary>
    internal IReadOnlyList<string> Directories { get; } = directories;

    /// <summary>What the image is, whatever its name means later; null for the built-in one.</summary>
    internal string? Digest { get; init; }

    /// <summary>What its programs are started with; null for the built-in one.</summary>
    internal ImageDefaults? Defaults { get; init; }

    public void Dispose() => release?.Invoke();
}
