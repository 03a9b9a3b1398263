using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Connection;

/// <summary>Where the token comes from: <c>--token</c>, <c>--token-file</c>, <c>STRATA_TOKEN</c>, <c>STRATA_TOKEN_FILE</c>, in this order.</summary>
internal static class TokenSource
{
    public const string Variable = "STRATA_TOKEN";
    public const string FileVariable = "STRATA_TOKEN_FILE";

    /// <summary>The longest token file, in bytes.</summary>
    public const int MaxFileBytes = 16 * 1024;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The token, or null when none is given anywhere.</summary>
    /// <param name="option">Value of <c>--token</c>.</param>
    /// <param name="fileOption">Value of <c>--token-file</c>.</param>
    /// <param name="around">The environment.</param>
    /// <param name="warn">Told when others can read the file.</param>
    /// <exception cref="UsageException">The file cannot be read, or holds no token.</exception>
    public static string? Find(string? option, string? fileOption, Surroundings around, Action<string> warn)
    {
        if (option is { Length: > 0 })
        {
            return option;
        }

        if (fileOption is not null)
        {
            return fileOption == "-" ? Take(around.Stdin, "--token-file", "standard input") : Read(fileOption, "--token-file", warn);
        }

        return around.NonEmpty(Variable) ?? (around.NonEmpty(FileVariable) is { } file ? Read(file, FileVariable, warn) : null);
    }

    internal static string Read(string path, string origin, Action<string> warn)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // Asked of the open file, so that it is the one read from.
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            {
                warn($"others can read the token file {path}; run: chmod 600 {ShellQuote.Of(path)}");
            }

            return Take(file, origin, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{origin}: cannot read {path}: {e.Message}");
        }
    }

    private static string Take(Stream stream, string origin, string name)
    {
        var bytes = new byte[MaxFileBytes + 1];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var token = count > MaxFileBytes ? "" : System.Text.Encoding.UTF8.GetString(bytes, 0, count).Trim();
        return token.Length > 0 && !token.Any(char.IsWhiteSpace)
            ? token
            : throw new UsageException($"{origin}: {name} does not hold one token and nothing else");
    }
}
