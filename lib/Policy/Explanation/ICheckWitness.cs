namespace Strata.Policy;

/// <summary>
/// Is told the outcome of each check in the order in which they are made. There is one walk through the checks: a decision and an
/// explanation differ only in who watches it, and so cannot disagree. Structs, so that a decision allocates nothing.
/// </summary>
internal interface ICheckWitness
{
    /// <summary>Takes an outcome; true ends the walk.</summary>
    bool Ends(AuthorizationCheck check, DenyReason reason);
}
