using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What a caller calls something that it runs in a session.</summary>
internal static class JobName
{
    internal const int MaxChars = 64;

    internal static RpcError Fault { get; } = RpcError.InvalidField("id", "the field \"id\" must have letters, digits, . _ and - alone");

    internal static bool IsValid(string id) => id.Length is > 0 and <= MaxChars && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
