namespace Strata.Policy;

/// <summary>What is wrong with one field, fit for an INVALID_ARGUMENT or PERMISSION_DENIED message.</summary>
/// <param name="Field">The field's name on the wire, such as <c>rate_limit</c> or <c>rights[2]</c>.</param>
/// <param name="Message">What is expected; begins with a verb and reads on from the field's name.</param>
public sealed record FieldFault(string Field, string Message)
{
    /// <summary>Field and message as one sentence.</summary>
    public override string ToString() => $"{Field}: {Message}";
}
