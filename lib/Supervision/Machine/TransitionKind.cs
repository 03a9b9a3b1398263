namespace Strata.Supervision;

/// <summary>How a state answers an event.</summary>
public enum TransitionKind
{
    /// <summary>The event is taken: the next state (possibly the same) and an action follow.</summary>
    Move,

    /// <summary>The event means nothing in this state and changes nothing.</summary>
    Ignore,

    /// <summary>An operator asked for what cannot be done in this state; the answer is CONFLICT with the reason.</summary>
    Refuse,
}
