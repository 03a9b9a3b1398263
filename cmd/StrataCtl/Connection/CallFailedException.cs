namespace Strata.StrataCtl.Connection;

/// <summary>Carries a <see cref="CallFailure"/> out of a command.</summary>
internal sealed class CallFailedException(CallFailure failure, Exception? inner = null) : Exception(failure.Error.Message, inner)
{
    public CallFailure Failure => failure;
}
