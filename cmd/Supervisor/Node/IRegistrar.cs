namespace Strata.Supervisor;

/// <summary>Keeps the registry in step with the node.</summary>
internal interface IRegistrar
{
    /// <summary>What should be registered may have changed. Must not block.</summary>
    void Refresh();
}
