using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What is asked for with <c>placeholders</c> of <c>sandbox.create</c>. Pure; no message has a value in it.</summary>
internal static class PlaceholderWish
{
    /// <summary>Most of them.</summary>
    internal const int MaxPlaceholders = 32;

    /// <summary>Most hosts of one.</summary>
    internal const int MaxHosts = 16;

    /// <summary>Longest value, in characters.</summary>
    internal const int MaxValueChars = 4096;

    /// <summary>What is wrong, or null.</summary>
    internal static RpcError? FaultOf(SandboxCreateParams wish)
    {
        if (wish.Placeholders is not { Count: > 0 } placeholders)
        {
            return null;
        }

        if (wish.Network != SessionNetworks.Proxy || placeholders.Count > MaxPlaceholders)
        {
            return Wrong($"placeholders need network proxy, and are at most {MaxPlaceholders}");
        }

        foreach (var (name, one) in placeholders)
        {
            if (!SessionRequest.IsVariable(name) || wish.Environment?.ContainsKey(name) == true || wish.Secrets?.ContainsKey(name) == true)
            {
                return Wrong("placeholders have a name that is none of a variable, or is in environment or secrets too; name each once");
            }

            if (FaultOf(name, one) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Gives them placeholders. After <see cref="FaultOf(SandboxCreateParams)"/> found nothing.</summary>
    internal static SessionSecrets Read(SandboxCreateParams wish) => wish.Placeholders is not { Count: > 0 } placeholders ? SessionSecrets.None
        : SessionSecrets.Of(placeholders.Select(one => (one.Key, one.Value.Value, (IReadOnlyList<SecretHost>)[.. one.Value.Hosts.Select(host => SecretHost.Read(host, out _)!)], one.Value.ClearOnly == true)));

    private static RpcError? FaultOf(string name, SandboxPlaceholder one)
    {
        if (one.Value.Length is 0 or > MaxValueChars || one.Value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return Wrong($"the value of placeholders.{name} must be 1 to {MaxValueChars} characters of printable ASCII, for it stands in a field of a request");
        }

        if (one.Hosts.Count is 0 or > MaxHosts)
        {
            return Wrong($"placeholders.{name} must name 1 to {MaxHosts} hosts that get the value");
        }

        foreach (var host in one.Hosts)
        {
            if (SecretHost.Read(host, out var fault) is null)
            {
                return Wrong($"placeholders.{name}.hosts: {fault}");
            }
        }

        return null;
    }

    private static RpcError Wrong(string message) => RpcError.InvalidField("placeholders", message);
}
