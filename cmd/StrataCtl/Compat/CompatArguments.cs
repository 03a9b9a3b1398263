namespace Strata.StrataCtl.Compat;

/// <summary>The command line of the original client: <c>[-token T] METHOD [JSON]</c>.</summary>
/// <param name="Method">The method; null when <paramref name="Fault"/> says why there is none.</param>
/// <param name="Token">The token, or null.</param>
/// <param name="Params">The params as given, or null.</param>
/// <param name="Fault">What is wrong, or null.</param>
internal sealed record CompatArguments(string? Method, string? Token, string? Params, string? Fault)
{
    public const string TokenFlag = "-token";

    /// <summary>Null when this is not the original's form: no command of ours has a dot in its name, and every method has.</summary>
    public static CompatArguments? Recognise(ReadOnlySpan<string> args)
    {
        string? token = null;
        var flagged = false;
        while (args is [TokenFlag, ..])
        {
            if (args.Length < 2)
            {
                return new CompatArguments(null, null, null, "missing token value");
            }

            (flagged, token) = (true, args[1]);
            args = args[2..];
        }

        if (args.IsEmpty)
        {
            return flagged ? new CompatArguments(null, null, null, "missing method") : null;
        }

        // Arguments after the params are ignored, as the original does.
        return args[0].StartsWith('-') || !args[0].Contains('.')
            ? null
            : new CompatArguments(args[0], token is { Length: > 0 } ? token : null, args.Length > 1 ? args[1] : null, null);
    }
}
