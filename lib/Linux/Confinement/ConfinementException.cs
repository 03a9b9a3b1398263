namespace Strata.Linux;

/// <summary>This machine cannot do what a manifest asks for, so nothing was started.</summary>
/// <param name="field">The manifest's field, for example <c>confinement.read</c>.</param>
/// <param name="reason">What was refused and what to do.</param>
public sealed class ConfinementException(string field, string reason) : InvalidOperationException($"{field}: {reason}")
{
    /// <summary>The field of the manifest.</summary>
    public string Field { get; } = field;

    internal static ConfinementException Refused(string field, string call, int error) =>
        new(field, $"{new LinuxException(error, call).Message}{Advice(error)}");

    private static string Advice(int error) => Math.Abs(error) switch
    {
        Errno.EPERM or Errno.EACCES => "; the supervisor lacks the privilege: run it as root, or leave the field out",
        Errno.ENOSYS or Errno.EINVAL or Errno.EOPNOTSUPP => "; this kernel does not offer it: leave the field out",
        _ => "",
    };
}
