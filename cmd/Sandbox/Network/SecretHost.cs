using System.Globalization;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>A host that is given a secret's value.</summary>
/// <param name="Domain">Its name, or <c>*.</c> and one for all beneath it.</param>
/// <param name="Port">The port.</param>
/// <param name="IsSecure">Whether over TLS alone.</param>
internal sealed record SecretHost(string Domain, int Port, bool IsSecure)
{
    private const string Plain = "http://";
    private const string Secure = "https://";

    /// <summary>Whether it is where a request goes. An address is no host with a name, whatever name it has.</summary>
    internal bool Covers(Destination to) => to.Name is { } name && SandboxNames.CoversDomain(Domain, name) && Port == to.Port;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsSecure ? "" : Plain)}{Domain}:{Port}");

    /// <summary>Reads HOST, https://HOST or http://HOST, each with or without :PORT.</summary>
    /// <returns>Null when it is none; then <paramref name="fault"/> says why.</returns>
    internal static SecretHost? Read(string text, out string? fault)
    {
        var isPlain = text.StartsWith(Plain, StringComparison.Ordinal);
        var rest = isPlain ? text[Plain.Length..] : text.StartsWith(Secure, StringComparison.Ordinal) ? text[Secure.Length..] : text;
        var isBeneath = rest.StartsWith("*.", StringComparison.Ordinal);
        try
        {
            var to = Destination.Parse(isBeneath ? rest[2..] : rest, defaultPort: isPlain ? 80 : 443);
            fault = to.Name is null ? string.Create(CultureInfo.InvariantCulture, $"{text} is an address; a secret is given to a host with a name") : null;
            return fault is null ? new SecretHost(isBeneath ? "*." + to.Name : to.Name!, to.Port, !isPlain) : null;
        }
        catch (NetworkFault e)
        {
            fault = $"{text}: {e.Message}";
            return null;
        }
    }
}
