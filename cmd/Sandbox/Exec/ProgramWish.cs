using System.Text;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What a caller wants to be run, checked. Pure.</summary>
internal sealed record ProgramWish
{
    /// <summary>What a shell is told; null when <see cref="Arguments"/> are given.</summary>
    internal string? Command { get; init; }

    /// <summary>A program and its arguments.</summary>
    internal IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Where it runs; null for where it is.</summary>
    internal string? Directory { get; init; }

    /// <summary>Its own variables.</summary>
    internal IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>For lists.</summary>
    internal string Shown => Shorten(Command ?? string.Join(' ', Arguments ?? []));

    /// <summary>Checks what the shape of the params does not.</summary>
    internal static Reply<ProgramWish> Of(string? command, IReadOnlyList<string>? arguments, string? directory, IReadOnlyDictionary<string, string>? variables)
    {
        if (command is null == arguments is null)
        {
            return RpcError.InvalidField("command", "give either \"command\", for a shell, or \"argv\", a program and its arguments");
        }

        if (command?.Contains('\0', StringComparison.Ordinal) is true)
        {
            return RpcError.InvalidField("command", "the field \"command\" must not hold a NUL character");
        }

        if (CheckArguments(arguments) is { } wrong)
        {
            return wrong;
        }

        if (directory?.Contains('\0', StringComparison.Ordinal) is true)
        {
            return RpcError.InvalidField("cwd", "the field \"cwd\" must not hold a NUL character");
        }

        return CheckVariables(variables) is { } fault
            ? fault
            : new ProgramWish { Command = command, Arguments = arguments, Directory = directory, Variables = variables ?? new Dictionary<string, string>() };
    }

    private static RpcError? CheckArguments(IReadOnlyList<string>? arguments) =>
        arguments is null ? null
        : arguments.Count == 0 || arguments[0].Length == 0 ? RpcError.InvalidField("argv", "the field \"argv\" must begin with a program")
        : arguments.Any(a => a.Contains('\0', StringComparison.Ordinal)) ? RpcError.InvalidField("argv", "the field \"argv\" must not hold a NUL character")
        : arguments.Sum(a => Encoding.UTF8.GetByteCount(a) + 1) > ExecLimits.MaxArgumentBytes
            ? RpcError.InvalidField("argv", $"the field \"argv\" must have at most {ExecLimits.MaxArgumentBytes} bytes; write what is long to a file or to its standard input")
        : null;

    private static RpcError? CheckVariables(IReadOnlyDictionary<string, string>? variables)
    {
        if (variables?.FirstOrDefault(v => !IsName(v.Key) || v.Value is null || v.Value.Contains('\0', StringComparison.Ordinal)) is { Key: { } key })
        {
            return RpcError.InvalidField("env", IsName(key)
                ? $"the value of \"{key}\" in the field \"env\" must be a text without a NUL character"
                : "a name in the field \"env\" must have letters, digits and _ alone, and no digit first");
        }

        return variables?.Sum(v => Encoding.UTF8.GetByteCount(v.Key) + Encoding.UTF8.GetByteCount(v.Value) + 2) > ExecLimits.MaxEnvironmentBytes
            ? RpcError.InvalidField("env", $"the field \"env\" must have at most {ExecLimits.MaxEnvironmentBytes} bytes")
            : null;
    }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string Shorten(string text) => text.Length <= 256 ? text : string.Concat(text.AsSpan(0, 253), "...");
}
