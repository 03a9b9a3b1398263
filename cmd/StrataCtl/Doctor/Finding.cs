namespace Strata.StrataCtl.Doctor;

/// <summary>How a check went.</summary>
internal enum Verdict
{
    Ok,
    Warn,
    Fail,
}

/// <summary>The outcome of one check.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Verdict">How it went.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Fix">What to do; null when nothing need be done.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Detail, string? Fix = null)
{
    public static Finding Ok(string check, string detail) => new(check, Verdict.Ok, detail);

    public static Finding Warn(string check, string detail, string fix) => new(check, Verdict.Warn, detail, fix);

    public static Finding Fail(string check, string detail, string fix) => new(check, Verdict.Fail, detail, fix);
}
