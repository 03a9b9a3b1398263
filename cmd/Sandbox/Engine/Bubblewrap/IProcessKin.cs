namespace Strata.Sandbox;

/// <summary>A process and all that it has started, however they detached themselves.</summary>
internal interface IProcessKin : IDisposable
{
    /// <summary>Those that live, as the host numbers them.</summary>
    IReadOnlyList<int> Members();

    /// <summary>Kills those that live now.</summary>
    void Kill();
}
