using System.Text.Json;

namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>A request as a fake service received it.</summary>
internal sealed record FakeRequest(JsonElement Json)
{
    public string Method => Json.GetProperty("method").GetString()!;

    public string ReqId => Json.GetProperty("req_id").GetString()!;

    public string? Token => Json.TryGetProperty("auth", out var auth) ? auth.GetProperty("token").GetString() : null;

    public bool HasParams => Json.TryGetProperty("params", out _);

    public JsonElement Params => Json.GetProperty("params");

    public string Text(string name) => Params.GetProperty(name).GetString()!;
}
