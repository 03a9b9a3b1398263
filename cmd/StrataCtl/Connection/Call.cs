using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.StrataCtl.Connection;

/// <summary>One call to make.</summary>
/// <param name="Method">Full name.</param>
internal sealed record Call(string Method)
{
    /// <summary>The params as JSON text in UTF-8; empty sends none.</summary>
    public ReadOnlyMemory<byte> Params { get; init; }

    /// <summary>False for methods open to anybody: a token is shown only to those who need to see it.</summary>
    public bool WithToken { get; init; }

    /// <summary>
    /// True for methods that an authority of the node may call without a token. A token that is merely lying in the
    /// environment is then sent only when it names the method's right: it must not stand in the way of its owner.
    /// </summary>
    public bool AuthorityMayAct { get; init; }

    /// <summary>What the call is about, for advice when it is refused; null for none.</summary>
    public string? Resource { get; init; }

    /// <summary>Time the call may take beyond the usual limit, because it was asked to wait.</summary>
    public TimeSpan ExtraTime { get; init; }

    /// <summary>A token for this call alone, instead of the one that the usual sources give; null for none.</summary>
    public string? OwnToken { get; init; }

    public string Service => SocketResolver.ServiceOf(Method, Params);

    public static Call Of<T>(string method, T parameters, JsonTypeInfo<T> type) =>
        new(method) { Params = JsonSerializer.SerializeToUtf8Bytes(parameters, type) };
}
