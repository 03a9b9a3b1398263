using System.Text.Json;
using System.Text.Json.Serialization;
using Strata.Contracts;

namespace Strata.StrataCtl.Connection;

/// <summary>The contracts as a client reads them: members it does not know are additions to the protocol, not faults.</summary>
internal static class WireJson
{
    public static ContractsJson Default { get; } =
        new(new JsonSerializerOptions(ContractsJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });
}
