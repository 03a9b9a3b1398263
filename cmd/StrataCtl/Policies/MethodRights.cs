using System.Text.Json;
using Strata.Ipc;

namespace Strata.StrataCtl.Policies;

/// <summary>Who may call the methods of the node's own services: <c>api/methods.json</c>, which tests hold to the protocol page.</summary>
internal static class MethodRights
{
    private const string Resource = "methods.json";
    private const string AnyService = "SERVICE";

    private static readonly Lazy<Dictionary<string, string>> Known = new(Load);

    /// <summary>The rule of a method; null when the node's own services have none of that name.</summary>
    public static Access? Of(string method)
    {
        var dot = method.LastIndexOf('.');
        var ofEvery = dot < 0 ? method : AnyService + method[dot..];
        return Known.Value.TryGetValue(method, out var rule) ? Read(rule)
            : Known.Value.TryGetValue(ofEvery, out rule) ? Read(rule.Replace(AnyService, method[..Math.Max(dot, 0)], StringComparison.Ordinal))
            : null;
    }

    private static Access Read(string rule)
    {
        var orAuthority = rule.EndsWith(" or authority", StringComparison.Ordinal);
        var words = rule.Split(' ');
        return words switch
        {
            ["open"] => Access.Open,
            ["authority"] => Access.Authority,
            ["right", var right, ..] => orAuthority ? Access.RightOrAuthority(right) : Access.Right(right),
            ["holder", ..] => orAuthority ? Access.HolderOrAuthority : Access.Holder,
            _ => throw new FormatException($"methods.json: no rule is called \"{rule}\""),
        };
    }

    private static Dictionary<string, string> Load()
    {
        using var stream = typeof(MethodRights).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize(stream, PolicyJson.Default.DictionaryStringString)!;
    }
}
