namespace Strata.Hosting;

/// <summary>Reasons with which identity refuses to seal.</summary>
public static class SealReasons
{
    /// <summary>Identity has sealed more of that log, or another log, before.</summary>
    public const string Behind = "seal_behind";
}
