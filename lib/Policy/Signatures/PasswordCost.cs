namespace Strata.Policy;

/// <summary>What Argon2id takes to make a key of a passphrase.</summary>
/// <param name="MemoryBytes">Memory, in bytes.</param>
/// <param name="Passes">How often it goes through it.</param>
public readonly record struct PasswordCost(long MemoryBytes, uint Passes)
{
    /// <summary>64 MiB and three passes, RFC 9106's choice for little memory, on one lane: about 0.12 s of one core.</summary>
    public static PasswordCost Default { get; } = new(64L * 1024 * 1024, 3);
}
