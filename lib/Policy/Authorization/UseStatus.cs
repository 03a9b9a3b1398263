namespace Strata.Policy;

/// <summary>What is known about earlier uses of a capability for one use. The default value is one that denies.</summary>
public enum UseStatus
{
    /// <summary>Not known: nobody keeps count here.</summary>
    Unknown = 0,

    /// <summary>Not used so far. Whoever says so spends the use before the method runs.</summary>
    Unused,

    /// <summary>Used.</summary>
    Used,
}
