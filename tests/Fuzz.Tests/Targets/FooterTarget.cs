using System.Text.Json;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>A token's footer: only the one that names a key, in the one spelling that is written, chooses one.</summary>
internal sealed class FooterTarget : FuzzTarget
{
    private readonly string[] _keyIds = [.. TokenMaker.Keys.Keys.Select(key => key.KeyId)];

    internal override string Name => "footer";

    internal override int MaxBytes => 256;

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "{\"kid\":\"", "\"}", "\"kid\"", "kid", "KID", "{", "}", "\"", ":", ",", " ", "\\u006b", "0", "f", "F", "g", "k2.pid.", "k4.pid.", "k4.sid.", "k4.public.", "null", "{}", "\"x\":1,", "2222222222222222", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

    internal override IEnumerable<byte[]> Seeds => TokenMaker.Footers;

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (!KeyId.TryReadFooter(input, out var found))
        {
            return new Outcome(false, null, Sort(input));
        }

        var keyId = System.Text.Encoding.ASCII.GetString(found);
        Unless(input.SequenceEqual(KeyId.ToFooter(keyId)), "a second spelling of a footer was taken");
        using var document = JsonDocument.Parse(input.ToArray());
        var member = document.RootElement.EnumerateObject().Single();
        Unless(member.NameEquals("kid") && member.Value.GetString() == keyId, "the footer says something else to another reader");
        var isKnown = _keyIds.Contains(keyId);
        var isFound = TokenMaker.Keys.Find(TokenVersion.V2, found) is not null || TokenMaker.Keys.Find(TokenVersion.V4, found) is not null;
        Unless(isKnown == isFound, "a key was found by an id that is not its own, or not found by its own");
        return new Outcome(true, null, isKnown ? 1 : 0);
    }

    // Refusals have no words: how near it came stands in for them.
    private int Sort(ReadOnlySpan<byte> input)
    {
        var genuine = KeyId.ToFooter(_keyIds[0]);
        return 2 + (input.CommonPrefixLength(genuine) * 4) + (input.EndsWith("\"}"u8) ? 1 : 0) + (input.Length == genuine.Length ? 2 : 0);
    }
}
