using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A terminal of a sandbox's own devpts.</summary>
internal abstract class SandboxTerminal : IDisposable
{
    /// <summary>The service's end: what is written is typed, what is read was shown.</summary>
    internal abstract FileDescriptor Controller { get; }

    /// <summary>Tells it, and whoever runs in it, another size.</summary>
    internal abstract void Resize(int rows, int columns);

    /// <inheritdoc/>
    public abstract void Dispose();
}
