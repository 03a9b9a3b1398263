using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Strata.Ipc;

/// <summary>
/// The methods of one service, found by name. Adds <c>SERVICE.ping</c>, <c>SERVICE.describe</c>, <c>policy.explain</c> and <c>cancel</c>.
/// </summary>
public sealed class MethodTable
{
    private readonly FrozenDictionary<string, Method> _byName;
    private readonly FrozenDictionary<string, Method>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Builds the table.</summary>
    /// <param name="service">Name of the service, e.g. <c>fs</c>.</param>
    /// <param name="methods">Its own methods.</param>
    /// <exception cref="ArgumentException">Two methods have one name.</exception>
    public MethodTable(string service, params IEnumerable<Method> methods)
    {
        Service = service;
        Methods =
        [
            .. methods, BuiltInMethods.Ping(service), BuiltInMethods.Describe(service, () => DescribeAll()), new ExplainMethod(Find) { Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied] },
            new CancelMethod { Errors = [ErrorCode.NotFound] },
        ];
        _byName = Methods.ToDictionary(m => m.Name, StringComparer.Ordinal).ToFrozenDictionary(StringComparer.Ordinal);
        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Name of the service.</summary>
    public string Service { get; }

    /// <summary>Every method, built-in ones last.</summary>
    public IReadOnlyList<Method> Methods { get; }

    /// <summary>Finds a method by its name in UTF-8.</summary>
    public Method? Find(ReadOnlySpan<byte> name)
    {
        Span<char> chars = stackalloc char[128];
        if (name.Length > chars.Length || System.Text.Unicode.Utf8.ToUtf16(name, chars, out _, out var count) != System.Buffers.OperationStatus.Done)
        {
            return null;
        }

        return _lookup.TryGetValue(chars[..count], out var method) ? method : null;
    }

    /// <summary>Every method's description, as <c>describe</c> returns it.</summary>
    public JsonArray DescribeAll() => new([.. Methods.Select(m => m.Describe())]);
}
