using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>The services every node has, declared like anybody's: by files, which the build puts into the assembly.</summary>
public static class BuiltInManifests
{
    /// <summary>Who serves what, where.</summary>
    public static ServiceManifest Registry { get; } = Load(NodePlan.RegistryName);

    /// <summary>Issues and revokes capabilities.</summary>
    public static ServiceManifest Identity { get; } = Load("identity");

    /// <summary>Files beneath a prefix; verifies with identity's key and therefore requires it.</summary>
    public static ServiceManifest Fs { get; } = Load("fs");

    /// <summary>All of them.</summary>
    public static ImmutableArray<ServiceManifest> All { get; } = [Registry, Identity, Fs];

    /// <summary>The one of this name, or null.</summary>
    public static ServiceManifest? Find(string name) => All.FirstOrDefault(m => m.Name == name);

    private static ServiceManifest Load(string name)
    {
        var file = name + ManifestFile.Suffix;
        using var resource = typeof(BuiltInManifests).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} was not built in");
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        var document = ManifestReader.Read(new ManifestFile(file, content));

        // They hold the node's own keys and files, and are trusted as the supervisor is.
        return document.Faults.IsEmpty ? document.Manifest with { Confinement = null } : throw new InvalidOperationException(string.Join("; ", document.Faults));
    }
}
