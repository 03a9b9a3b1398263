namespace Strata.Supervision;

/// <summary>What a second instance of a service is there for.</summary>
public enum SecondRole
{
    /// <summary>It comes up beside the present one, to take over when it is ready.</summary>
    Incoming,

    /// <summary>It was replaced, was asked to end, and finishes its work.</summary>
    Outgoing,

    /// <summary>It failed to become ready, or nobody needs it any more, and is being killed.</summary>
    Discarded,
}
