namespace Strata.StrataCtl.Connection;

/// <summary>Quotes a word for a POSIX shell, so that printed commands can be copied.</summary>
internal static class ShellQuote
{
    public static string Of(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ',' or ':' or '@' or '=' or '+')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
