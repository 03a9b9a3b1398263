namespace Strata.Sandbox;

/// <summary>
/// What lies beneath the changes of every sandbox of the built-in image: the directories and files of a root, made once in the life of a service. A root of
/// its own would cost each sandbox some forty files on disk, which take longer than all else of its making and its end.
/// </summary>
/// <param name="stateDirectory">Where it lies; null for a place of its own that ends with this.</param>
internal sealed class HostRoot(string? stateDirectory) : IDisposable
{
    private readonly Lock _lock = new();
    private string? _directory;

    /// <summary>Whether overlays can be mounted over it, as far as is known.</summary>
    internal bool IsUsable { get; private set; } = true;

    /// <summary>Whether one has been.</summary>
    internal bool IsProven { get; private set; }

    /// <summary>The directory.</summary>
    /// <param name="ids">Whose it is.</param>
    internal string Of(SandboxIds ids)
    {
        lock (_lock)
        {
            return _directory ??= Make(stateDirectory ?? Directory.CreateTempSubdirectory("strata-host-").FullName, ids);
        }
    }

    /// <summary>An overlay over it was mounted.</summary>
    internal void Prove() => IsProven = true;

    /// <summary>This machine has no overlays for us: new sandboxes get roots of their own.</summary>
    internal void Refuse() => IsUsable = false;

    public void Dispose()
    {
        if (stateDirectory is null && _directory is { } made)
        {
            ChangesRemoval.Run(Path.GetDirectoryName(made)!);
        }
    }

    private static string Make(string parent, SandboxIds ids)
    {
        // That of an earlier process, which may be half a one or of another version.
        string root = Path.Combine(parent, "host");
        if (Directory.Exists(root))
        {
            ChangesRemoval.Run(root);
        }

        SandboxRoot.FillHost(root, SandboxPlan.UsualHostname, ids);
        foreach (string name in HostEtc.Copied.Where(name => File.Exists("/etc/" + name)))
        {
            File.WriteAllBytes(Path.Combine(root, "etc", name), File.ReadAllBytes("/etc/" + name));
        }

        return root;
    }
}
