using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.StrataCtl.Policies;

/// <summary>JSON of policy tables: snake_case, nothing unknown, nothing twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PolicyTable))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class PolicyJson : JsonSerializerContext;
