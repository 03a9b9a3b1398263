using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Strata.Ipc;

/// <summary>
/// The one set of JSON options for params and results: snake_case names, nothing unknown, nothing twice, no null where
/// the record says none.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(NoParams))]
[JsonSerializable(typeof(PingResult))]
[JsonSerializable(typeof(DescribeResult))]
[JsonSerializable(typeof(CancelParams))]
[JsonSerializable(typeof(ExplainParams))]
[JsonSerializable(typeof(ExplainResult))]
[JsonSerializable(typeof(MetricsResult))]
[JsonSerializable(typeof(IReadOnlyList<MetricsResult>))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class IpcJson : JsonSerializerContext;
