namespace Strata.Sandbox;

/// <summary>What a registry asks for before it answers: <c>Bearer realm="…",service="…"</c>. Pure.</summary>
/// <param name="Realm">Where a token is given.</param>
/// <param name="Service">For whom.</param>
internal sealed record RegistryChallenge(Uri Realm, string? Service)
{
    private const int MaxChars = 4096;

    /// <summary>Reads the parameters of a challenge; null when they name no realm.</summary>
    internal static RegistryChallenge? TryParse(string? parameters)
    {
        if (parameters is null or { Length: > MaxChars })
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int at = 0; at < parameters.Length;)
        {
            int equals = parameters.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var key = parameters[at..equals].Trim(' ', ',');
            bool quoted = equals + 1 < parameters.Length && parameters[equals + 1] == '"';
            int start = equals + (quoted ? 2 : 1);
            int end = start <= parameters.Length ? parameters.IndexOf(quoted ? '"' : ',', start) : -1;
            end = end < 0 ? parameters.Length : end;
            values[key] = start <= end ? parameters[start..end] : "";
            at = end + 1;
        }

        return Uri.TryCreate(values.GetValueOrDefault("realm"), UriKind.Absolute, out var realm) && realm.Scheme is "https" or "http"
            ? new RegistryChallenge(realm!, values.GetValueOrDefault("service")) : null;
    }

    /// <summary>Where the token for pulling from a repository is asked for: never for more, whatever the registry says.</summary>
    internal Uri For(string repository)
    {
        var query = $"scope=repository:{repository}:pull" + (Service is { Length: > 0 } ? "&service=" + Uri.EscapeDataString(Service) : "");
        return new UriBuilder(Realm) { Query = Realm.Query.Length > 1 ? Realm.Query[1..] + "&" + query : query }.Uri;
    }
}
