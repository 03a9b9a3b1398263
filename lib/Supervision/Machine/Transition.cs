namespace Strata.Supervision;

/// <summary>One cell of the transition table.</summary>
/// <param name="Kind">Whether the event is taken, ignored or refused.</param>
/// <param name="Next">The state afterwards; the present one when ignored or refused.</param>
/// <param name="Action">What is done on the way.</param>
/// <param name="Refusal">Why an operator's wish is refused, to follow the service's name; null otherwise.</param>
public readonly record struct Transition(TransitionKind Kind, ServiceState Next, ServiceAction Action, string? Refusal = null);
