using System.Globalization;
using System.Text;

namespace Strata.Linux;

/// <summary>A system call that a filter denied, as the kernel's audit tells it.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Call">The call's name; its number when libseccomp does not know it.</param>
public sealed record DeniedCall(int Pid, string Call)
{
    /// <summary>Reads the text of one record of type SECCOMP; null when it is none.</summary>
    /// <remarks>What a program may choose, its name, is quoted or in hex, and holds neither blank nor quote: no field can be forged by it.</remarks>
    internal static DeniedCall? Parse(ReadOnlySpan<byte> record)
    {
        string[] fields = Encoding.ASCII.GetString(record).Split([' ', '\0'], StringSplitOptions.RemoveEmptyEntries);
        return Field(fields, "pid=") is { } pid && Field(fields, "syscall=") is { } call ? new DeniedCall(pid, SeccompFilter.NameOf(call)) : null;
    }

    private static int? Field(string[] fields, string name) =>
        Array.Find(fields, field => field.StartsWith(name, StringComparison.Ordinal)) is { } found
        && int.TryParse(found.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
