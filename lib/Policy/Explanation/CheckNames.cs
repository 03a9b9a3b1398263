namespace Strata.Policy;

/// <summary>How checks and outcomes are written on the wire and for people.</summary>
public static class CheckNames
{
    /// <summary>The name of a check, such as <c>holder_key</c>.</summary>
    public static string Of(AuthorizationCheck check) => check switch
    {
        AuthorizationCheck.HolderKey => "holder_key",
        AuthorizationCheck.Method => "methods_denied",
        _ => check.ToString().ToLowerInvariant(),
    };

    /// <summary>The name of an outcome, such as <c>not_reached</c>.</summary>
    public static string Of(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => "passed",
        CheckOutcome.Failed => "failed",
        CheckOutcome.NotReached => "not_reached",
        CheckOutcome.NotChecked => "not_checked",
        _ => "not_applicable",
    };
}
