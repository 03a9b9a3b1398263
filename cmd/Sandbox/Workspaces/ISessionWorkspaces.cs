namespace Strata.Sandbox;

/// <summary>Gives sessions their workspaces: directories of an owner's that outlive them.</summary>
internal interface ISessionWorkspaces
{
    /// <summary>Attaches a workspace to a session, and makes it when it is missing.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="name">What that owner calls it.</param>
    /// <param name="shared">Whether others may write it at the same time; all who have it must say so.</param>
    /// <param name="sessionId">The session's id.</param>
    /// <returns>The host's directory; disposal detaches it.</returns>
    /// <exception cref="SandboxException">It has a writer, or cannot be made.</exception>
    AttachedWorkspace Attach(string owner, string name, bool shared, string sessionId);
}

/// <summary>A workspace in use by a session.</summary>
internal abstract class AttachedWorkspace : IDisposable
{
    /// <summary>Where it is on the host.</summary>
    internal abstract string Directory { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
