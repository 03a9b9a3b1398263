namespace Strata.Identity;

/// <summary>Where a key is in its life.</summary>
internal enum KeyState
{
    /// <summary>Made and published; it has signed nothing yet.</summary>
    Next,

    /// <summary>Signs.</summary>
    Active,

    /// <summary>Signs no more and verifies what it has signed; its private half is gone.</summary>
    Retiring,
}
