using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>One of the official PASETO test vectors (github.com/paseto-standard/test-vectors).</summary>
public sealed record OfficialVector(TokenVersion Version, JsonElement Json)
{
    public string Name => Text("name")!;

    public string Token => Text("token")!;

    public string? Payload => Text("payload");

    public string Footer => Text("footer") ?? "";

    public string ImplicitAssertion => Text("implicit-assertion") ?? "";

    public bool MustFail => Json.GetProperty("expect-fail").GetBoolean();

    /// <summary>Null for vectors of the local (encrypted) purpose.</summary>
    public byte[]? PublicKey => Text("public-key") is { } hex ? Convert.FromHexString(hex) : null;

    public byte[] Seed => Convert.FromHexString(Text("secret-key-seed")!);

    public static OfficialVector Find(string name) => All().Single(vector => vector.Name == name);

    public static IEnumerable<OfficialVector> All() => Load("v2", TokenVersion.V2).Concat(Load("v4", TokenVersion.V4));

    private string? Text(string property) =>
        Json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<OfficialVector> Load(string file, TokenVersion version)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".json"));
        return JsonDocument.Parse(text).RootElement.GetProperty("tests").EnumerateArray().Select(json => new OfficialVector(version, json));
    }
}
