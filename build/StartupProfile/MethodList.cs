using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Strata.Build;

/// <summary>Reads the list of methods: <c>TYPE:METHOD</c> or <c>TYPE:METHOD[ARGUMENTS]</c> a line, lines of <c>#</c> for comments.</summary>
internal static partial class MethodList
{
    /// <summary>The entries in their order.</summary>
    /// <exception cref="FormatException">A line is no method; the message has it.</exception>
    internal static IReadOnlyList<MethodEntry> Read(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    /// <summary>A name without what the C# compiler counts in it, which changes with every method before it: <c>&lt;RunAsync&gt;d__*</c>.</summary>
    internal static string WithoutCounters(string name) => Counter().Replace(name, "*");

    private static MethodEntry Parse(string line)
    {
        var rest = new Cursor(line);
        var type = ReadType(ref rest);
        if (!rest.Take(':'))
        {
            throw rest.Error("a ':' between type and method");
        }

        var name = rest.Until("[");
        var arguments = rest.Take('[') ? ReadArguments(ref rest) : [];
        return name.Length > 0 && rest.AtEnd ? new MethodEntry(line, type, name, arguments) : throw rest.Error("one method and nothing after it");
    }

    private static TypeName ReadType(ref Cursor rest)
    {
        var definition = rest.Until("[],:");
        if (definition.Length == 0)
        {
            throw rest.Error("the name of a type");
        }

        ImmutableArray<TypeName> arguments = [];
        var depth = 0;
        while (rest.Take('['))
        {
            if (rest.Take(']'))
            {
                depth++;
            }
            else
            {
                arguments = ReadArguments(ref rest);
            }
        }

        return new TypeName(definition, arguments, depth);
    }

    private static ImmutableArray<TypeName> ReadArguments(ref Cursor rest)
    {
        var arguments = ImmutableArray.CreateBuilder<TypeName>();
        do
        {
            arguments.Add(ReadType(ref rest));
        }
        while (rest.Take(','));
        return rest.Take(']') ? arguments.ToImmutable() : throw rest.Error("a ']' after type arguments");
    }

    [GeneratedRegex(@"(?<=>[a-z]__|>c__DisplayClass|>g__\w+\|)[0-9]+(_[0-9]+)?")]
    private static partial Regex Counter();

    private ref struct Cursor(string line)
    {
        private int _at;

        public readonly bool AtEnd => _at == line.Length;

        public bool Take(char expected)
        {
            var there = !AtEnd && line[_at] == expected;
            _at += there ? 1 : 0;
            return there;
        }

        public string Until(string stops)
        {
            var from = _at;
            while (!AtEnd && !stops.Contains(line[_at], StringComparison.Ordinal))
            {
                _at++;
            }

            return line[from.._at];
        }

        public readonly FormatException Error(string expected) => new($"expected {expected} at column {_at + 1} of: {line}");
    }
}
