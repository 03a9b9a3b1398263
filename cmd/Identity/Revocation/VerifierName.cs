namespace Strata.Identity;

/// <summary>A verifier as it called itself, and the user the kernel says it runs as: nobody stands in for another user's verifier.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its user id.</param>
internal readonly record struct VerifierName(string Name, uint Uid);
