namespace Strata.Sandbox;

/// <summary>What a session is at.</summary>
internal enum SessionState
{
    /// <summary>Processes can be started in it.</summary>
    Running,

    /// <summary>Every process in it stands still.</summary>
    Paused,

    /// <summary>It ends, or has ended, or gets a new sandbox: nobody may begin anything with it.</summary>
    Closed,
}
