namespace Strata.Policy;

/// <summary>The signature library is missing or unusable. The message says what to install.</summary>
public sealed class SignatureProviderException : Exception
{
    /// <summary>Creates the exception with a generic message.</summary>
    public SignatureProviderException()
        : base("The Ed25519 library could not be used.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    public SignatureProviderException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">The loader's own error.</param>
    public SignatureProviderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
