using System.Text.Json.Serialization;

namespace Strata.EndToEnd.Tests.Load;

/// <summary>Params of <c>tally.add</c>.</summary>
internal sealed record AddParams(long Id);

/// <summary>Result of <c>tally.add</c>.</summary>
internal sealed record AddResult(long Id, int Pid);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AddParams))]
[JsonSerializable(typeof(AddResult))]
internal sealed partial class TallyJson : JsonSerializerContext;
