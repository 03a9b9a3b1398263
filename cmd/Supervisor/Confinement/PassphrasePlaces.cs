using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Lets identity read the files with its passphrases, wherever the operator keeps them.</summary>
internal static class PassphrasePlaces
{
    /// <summary>A service's confinement with those files, where it is identity and they are there; identity says what is wrong with one that is not.</summary>
    internal static ConfinementPolicy? In(ServiceManifest manifest, ChildEnvironment environment, ConfinementPolicy? policy) => policy is not { NamesPaths: true } ? policy
        : policy with { Read = [.. policy.Read, .. environment.PassphraseFilesOf(manifest).Select(file => file.Path).Where(File.Exists)] };
}
