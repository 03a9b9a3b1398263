namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>What a fake method answers.</summary>
/// <param name="Bodies">JSON text after <c>"ok"</c> of each frame, e.g. <c>"result":{}</c>.</param>
/// <param name="Ok">False for an error.</param>
/// <param name="StaysOpen">True for a stream that goes on without saying anything.</param>
internal sealed record FakeAnswer(string[] Bodies, bool Ok = true, bool StaysOpen = false)
{
    public static FakeAnswer Silence { get; } = new([], StaysOpen: true);

    public static FakeAnswer Result(string json) => new([$"\"result\":{json}"]);

    public static FakeAnswer Items(bool staysOpen, params string[] items) => new([.. items.Select(i => $"\"result\":{i}")], StaysOpen: staysOpen);

    public static FakeAnswer Error(int code, string name, string message, string? reason = null) => new(
        [$"\"error\":{{\"code\":{code},\"name\":\"{name}\",\"message\":\"{message}\"{(reason is null ? "" : $",\"details\":{{\"reason\":\"{reason}\"}}")}}}"], Ok: false);
}
