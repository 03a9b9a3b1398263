namespace Strata.Hosting;

/// <summary>An audit log could not be sealed.</summary>
public sealed class AuditSealException : Exception
{
    /// <summary>Without a reason.</summary>
    public AuditSealException()
    {
    }

    /// <summary>With a reason.</summary>
    public AuditSealException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and a cause.</summary>
    public AuditSealException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether identity remembers more of the log than there is: records were removed or replaced.</summary>
    public bool IsBehind { get; init; }
}
