using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Strata.Fuzz.Tests;

/// <summary>The chain of an audit log by the rules of <c>docs/audit.md</c>, record by record, with no thought of speed.</summary>
internal static partial class PlainChain
{
    /// <summary>Whether every line is a record that builds on the one before, from the first on.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> log)
    {
        var (number, hash) = (1, new string('0', 64));
        var text = Encoding.Latin1.GetString(log);
        if (text.Length > 0 && text[^1] != '\n')
        {
            return false;
        }

        foreach (var line in text.Split('\n').SkipLast(1))
        {
            var start = string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":{number},\"prev\":\"{hash}\",\"");
            if (!line.StartsWith(start, StringComparison.Ordinal) || !line.EndsWith('}') || !IsObject(line) || (line[(start.Length - 1)..].StartsWith("\"event\":\"audit.sealed\"", StringComparison.Ordinal) && !Signature().IsMatch(line)))
            {
                return false;
            }

            (number, hash) = (number + 1, Hash(line));
        }

        return true;
    }

    /// <summary>The log with its records numbered and chained anew, as far as they look like records.</summary>
    internal static byte[] Rechained(ReadOnlySpan<byte> log)
    {
        var (number, hash) = (1, new string('0', 64));
        var made = new StringBuilder();
        foreach (var line in Encoding.Latin1.GetString(log).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Start().Replace(line, string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":{number},\"prev\":\"{hash}\","));
            (number, hash) = (number + 1, Hash(next));
            made.Append(next).Append('\n');
        }

        return Encoding.Latin1.GetBytes(made.ToString());
    }

    private static string Hash(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(line)));

    private static bool IsObject(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(Encoding.Latin1.GetBytes(line));
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex("^[^,]*,[^,]*,")]
    private static partial Regex Start();

    [GeneratedRegex(",\"sig\":\"[0-9a-f]{128}\"}$")]
    private static partial Regex Signature();
}
