using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Manifests that cannot be run. The message has a line for every fault, with file, line and column first.</summary>
internal sealed class ConfigurationException(IReadOnlyCollection<LocatedFault> faults) : Exception(Describe(faults))
{
    /// <summary>Throws when there is a fault.</summary>
    internal static void ThrowIfAny(IEnumerable<LocatedFault> faults)
    {
        if (faults.ToList() is [_, ..] some)
        {
            throw new ConfigurationException(some);
        }
    }

    private static string Describe(IReadOnlyCollection<LocatedFault> faults) =>
        string.Join('\n', faults) + $"\nsupervisor: {faults.Count} fault{(faults.Count == 1 ? "" : "s")} in the configuration; nothing was started";
}
