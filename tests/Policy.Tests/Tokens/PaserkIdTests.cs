using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>Key ids by the official PASERK test vectors (github.com/paseto-standard/test-vectors).</summary>
public class PaserkIdTests
{
    public static TheoryData<string> Names => [.. All().Select(v => v.Json.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_key_id_is_what_the_official_vector_says(string name)
    {
        var (version, json) = All().Single(v => v.Json.GetProperty("name").GetString() == name);
        var key = json.GetProperty("key").GetString()!;
        if (json.GetProperty("expect-fail").GetBoolean())
        {
            // Some of these are keys of other kinds, in PEM.
            var bytes = key.StartsWith('-') ? System.Text.Encoding.ASCII.GetBytes(key) : Convert.FromHexString(key);
            Assert.Throws<ArgumentException>(() => KeyId.Of(version, bytes));
        }
        else
        {
            Assert.Equal(json.GetProperty("paserk").GetString(), KeyId.Of(version, Convert.FromHexString(key)));
        }
    }

    private static IEnumerable<(TokenVersion Version, JsonElement Json)> All() => Load("k2.pid", TokenVersion.V2).Concat(Load("k4.pid", TokenVersion.V4));

    private static IEnumerable<(TokenVersion Version, JsonElement Json)> Load(string file, TokenVersion version) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".json"))).RootElement.GetProperty("tests").EnumerateArray().Select(json => (version, json));
}
