using System.Text.Json;
using System.Text.Json.Serialization;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.StrataCtl.Connection;

/// <summary>The contracts as a client reads them: members it does not know are additions to the protocol, not faults.</summary>
internal static class WireJson
{
    public static ContractsJson Default { get; } =
        new(new JsonSerializerOptions(ContractsJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });

    /// <summary>The same of the methods that every service has.</summary>
    public static IpcJson Ipc { get; } =
        new(new JsonSerializerOptions(IpcJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip });
}
