using System.Text.Json;

namespace Strata.Ipc.Tests;

/// <summary>What tests read from a response.</summary>
internal static class Responses
{
    public static string Id(this JsonElement response) => response.GetProperty("req_id").GetString()!;

    public static bool IsOk(this JsonElement response) => response.GetProperty("ok").GetBoolean();

    public static JsonElement Result(this JsonElement response) => response.GetProperty("result");

    public static bool Continues(this JsonElement response) => response.TryGetProperty("continues", out var value) && value.GetBoolean();

    public static string Message(this JsonElement response) => response.GetProperty("error").GetProperty("message").GetString()!;

    public static string ErrorName(this JsonElement response) => response.GetProperty("error").GetProperty("name").GetString()!;

    public static int Code(this JsonElement response) => response.GetProperty("error").GetProperty("code").GetInt32();

    public static string? Detail(this JsonElement response, string name) =>
        response.GetProperty("error").TryGetProperty("details", out var details) && details.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static string? Reason(this JsonElement response) => response.Detail("reason");

    public static void AssertError(this JsonElement response, ErrorCode code, string messagePart)
    {
        Assert.False(response.IsOk());
        Assert.Equal((int)code, response.Code());
        Assert.Equal(code.WireName(), response.ErrorName());
        Assert.Contains(messagePart, response.Message(), StringComparison.Ordinal);
    }
}
