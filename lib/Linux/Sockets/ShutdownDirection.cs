namespace Strata.Linux;

/// <summary>Which direction of a connection to close.</summary>
public enum ShutdownDirection
{
    /// <summary>Nothing more is received.</summary>
    Receive = 0,

    /// <summary>Nothing more is sent; the peer reads to the end.</summary>
    Send = 1,

    /// <summary>Both.</summary>
    Both = 2,
}
