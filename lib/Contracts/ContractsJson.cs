using System.Text.Json.Serialization;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Source-generated JSON of every contract, under the one set of rules of protocol v1 (see <see cref="IpcJson"/>).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(NoParams))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(PingResult))]
[JsonSerializable(typeof(DescribeResult))]
[JsonSerializable(typeof(IssueParams))]
[JsonSerializable(typeof(AttenuateParams))]
[JsonSerializable(typeof(RenewParams))]
[JsonSerializable(typeof(IssuedListParams))]
[JsonSerializable(typeof(IssuedList))]
[JsonSerializable(typeof(ShowParams))]
[JsonSerializable(typeof(IssuedCapability))]
[JsonSerializable(typeof(IssueResult))]
[JsonSerializable(typeof(RevokeParams))]
[JsonSerializable(typeof(RevokeResult))]
[JsonSerializable(typeof(IntrospectParams))]
[JsonSerializable(typeof(IntrospectResult))]
[JsonSerializable(typeof(KeysResult))]
[JsonSerializable(typeof(WatchParams))]
[JsonSerializable(typeof(WatchItem))]
[JsonSerializable(typeof(ConfirmParams))]
[JsonSerializable(typeof(SealParams))]
[JsonSerializable(typeof(SealResult))]
[JsonSerializable(typeof(SealsResult))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, HeldToken>))]
[JsonSerializable(typeof(OpenParams))]
[JsonSerializable(typeof(OpenResult))]
[JsonSerializable(typeof(ReadParams))]
[JsonSerializable(typeof(ReadResult))]
[JsonSerializable(typeof(ListParams))]
[JsonSerializable(typeof(ListResult))]
[JsonSerializable(typeof(StatParams))]
[JsonSerializable(typeof(StatResult))]
[JsonSerializable(typeof(CloseParams))]
[JsonSerializable(typeof(RegisterParams))]
[JsonSerializable(typeof(ServiceName))]
[JsonSerializable(typeof(ResolveResult))]
[JsonSerializable(typeof(RegistryList))]
[JsonSerializable(typeof(RegistryEvent))]
[JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(ServiceList))]
[JsonSerializable(typeof(ServiceParams))]
[JsonSerializable(typeof(StopParams))]
[JsonSerializable(typeof(UpgradeParams))]
[JsonSerializable(typeof(RestartParams))]
[JsonSerializable(typeof(ServiceExplanation))]
[JsonSerializable(typeof(LogsParams))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(ServiceGraph))]
[JsonSerializable(typeof(ServiceAuthority))]
[JsonSerializable(typeof(ConfigChange))]
[JsonSerializable(typeof(EventsParams))]
[JsonSerializable(typeof(SupervisorEvent))]
public sealed partial class ContractsJson : JsonSerializerContext;
