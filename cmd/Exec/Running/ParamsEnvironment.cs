using System.Text;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.Exec;

/// <summary>
/// What a program finds in its environment: that of the service without what concerns the service alone, and each declared
/// param that is a text, a number or a flag as <c>PARAM_NAME</c>, so that a shell script needs no JSON. A value is never part of a command.
/// </summary>
internal static class ParamsEnvironment
{
    private const string Prefix = "PARAM_";

    /// <summary>How the service talks to its supervisor; a program that could would answer for it.</summary>
    private static readonly HashSet<string> OfTheService =
        ["LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "STRATA_SUPERVISOR_PID", "STRATA_READY_FD", "STRATA_DECLARED_SERVICES"];

    /// <summary>The service's environment as far as programs inherit it.</summary>
    internal static IReadOnlyList<string> Inherited(IReadOnlyDictionary<string, string> own) =>
        [.. own.Where(v => !IsOurs(v.Key) && !v.Key.StartsWith("DOTNET_", StringComparison.Ordinal)).Select(v => $"{v.Key}={v.Value}")];

    /// <summary>The variables of one call.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Its params, which fit their declaration.</param>
    /// <param name="subject">Who calls.</param>
    /// <param name="fault">The error to answer when a value cannot be a variable.</param>
    internal static IReadOnlyList<string> Of(DeclaredMethod method, JsonElement parameters, string subject, out RpcError? fault)
    {
        fault = null;
        var variables = new List<string> { $"CALL_METHOD={method.Name}", $"CALL_SUBJECT={subject}" };
        foreach (var member in method.Params.Members)
        {
            if (!parameters.TryGetProperty(member.Name, out var value) || TextOf(value) is not { } text || Encoding.UTF8.GetByteCount(text) > ExecLimits.MaxVariableBytes)
            {
                continue;
            }

            fault ??= text.Contains('\0', StringComparison.Ordinal) ? RpcError.InvalidField(member.Name, $"the field \"{member.Name}\" must not hold a NUL character") : null;
            variables.Add($"{NameOf(member.Name)}={text}");
        }

        return variables;
    }

    /// <summary>Two params that would have the same variable, in words; null when there are none.</summary>
    internal static string? Clash(ObjectShape parameters) => parameters.Members.GroupBy(m => NameOf(m.Name)).FirstOrDefault(g => g.Count() > 1) is { } same
        ? $"{string.Join(" and ", same.Select(m => m.Name))} would both be {same.Key}; rename one"
        : null;

    private static bool IsOurs(string name) =>
        OfTheService.Contains(name) || name.StartsWith(Prefix, StringComparison.Ordinal) || name is "CALL_METHOD" or "CALL_SUBJECT";

    private static string NameOf(string member) => Prefix + string.Concat(member.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
