using System.Collections.Immutable;
using System.Globalization;
using Strata.Policy;

namespace Strata.Supervision;

/// <summary>Checks the capabilities that services may hold and the rights that they offer; names and constraints by the rules of issuing.</summary>
internal static class CapabilityChecks
{
    private const string Held = "capabilities";
    private const string Offers = "offers";

    /// <summary>One manifest by itself.</summary>
    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        CheckOffers(manifest.Offers, faults);
        if (manifest.Capabilities.IsDefault || manifest.Capabilities.Length > ManifestLimits.MaxHeldCapabilities)
        {
            faults.Add(Held, $"at most {Number(ManifestLimits.MaxHeldCapabilities)} capabilities, one for each service that is called");
            return;
        }

        if (manifest is { Name: NodePlan.IdentityName or NodePlan.RegistryName, Capabilities: [_, ..] })
        {
            faults.Add(Held, $"{manifest.Name} must run before anybody can be given capabilities, and holds none");
            return;
        }

        foreach (var (index, held) in manifest.Capabilities.Index())
        {
            Check(manifest, index, held, faults);
        }
    }

    /// <summary>What the manifests say of one another: unknown services, and rights that a service does not offer.</summary>
    internal static IEnumerable<ManifestFault> FaultsOf(ImmutableArray<ServiceManifest> manifests)
    {
        // What is null or has no name is a fault that others report.
        var services = manifests.Where(m => m.Name is not null).DistinctBy(m => m.Name, StringComparer.Ordinal).ToDictionary(m => m.Name, StringComparer.Ordinal);
        return from manifest in services.Values.OrderBy(m => m.Name, StringComparer.Ordinal)
               where !manifest.Capabilities.IsDefaultOrEmpty
               from fault in services.ContainsKey(NodePlan.IdentityName)
                   ? manifest.Capabilities.Index().SelectMany(held => FaultsOf(manifest, held.Index, held.Item, services))
                   : [new ManifestFault(manifest.Name, Held, "capabilities are issued by identity, which is not a service of this node")]
               select fault;
    }

    private static void CheckOffers(ImmutableArray<string> offers, FaultList faults)
    {
        if (offers.IsDefault || offers.Length > ManifestLimits.MaxOffers)
        {
            faults.Add(Offers, $"at most {Number(ManifestLimits.MaxOffers)} rights");
            return;
        }

        foreach (var (index, right) in offers.Index())
        {
            CheckRight(Offers, $"{Offers}[{Number(index)}]", right, offers.IndexOf(right, 0, index) >= 0, faults);
        }
    }

    private static void Check(ServiceManifest manifest, int index, HeldCapability held, FaultList faults)
    {
        var place = $"{Held}[{Number(index)}]";
        if (held is null || held.Rights.IsDefaultOrEmpty || held.Rights.Length > ManifestLimits.MaxHeldRights)
        {
            faults.Add(Held, $"a capability has 1 to {Number(ManifestLimits.MaxHeldRights)} rights", $"{place}.rights");
            return;
        }

        if (!ManifestValidator.IsServiceName(held.Service))
        {
            faults.Add(Held, $"\"{Shown.Text(held.Service)}\" is not a service name", $"{place}.service");
        }
        else if (held.Service == manifest.Name)
        {
            faults.Add(Held, $"{held.Service} needs no capability for itself; take it out", $"{place}.service");
        }
        else if (manifest.Capabilities.Take(index).Any(other => other?.Service == held.Service))
        {
            faults.Add(Held, $"{held.Service} is named more than once; put all its rights into one capability", $"{place}.service");
        }

        foreach (var (at, right) in held.Rights.Index())
        {
            CheckRight(Held, $"{place}.rights[{Number(at)}]", right, held.Rights.IndexOf(right, 0, at) >= 0, faults);
        }

        if (held.PathPrefix is not null && !PathPrefix.TryParse(held.PathPrefix, out _, out var pathFault))
        {
            faults.Add(Held, pathFault, $"{place}.constraints.path_prefix");
        }

        if (held.RateLimit is not null && !RateLimit.TryParse(held.RateLimit, out _, out var rateFault))
        {
            faults.Add(Held, rateFault, $"{place}.constraints.rate_limit");
        }
    }

    private static void CheckRight(string field, string place, string? right, bool isTwin, FaultList faults)
    {
        if (!CapabilityNames.IsRight(right))
        {
            faults.Add(field, $"\"{Shown.Text(right)}\" is not a right, such as \"fs.read\", in lower case and at most {Number(ManifestLimits.MaxRightChars)} characters", place);
        }
        else if (isTwin)
        {
            faults.Add(field, $"{right} is named more than once", place);
        }
    }

    private static IEnumerable<ManifestFault> FaultsOf(ServiceManifest manifest, int index, HeldCapability held, Dictionary<string, ServiceManifest> services)
    {
        var place = $"{Held}[{Number(index)}]";
        if (held is null || held.Rights.IsDefault || held.Service == NodePlan.SupervisorName || !ManifestValidator.IsServiceName(held.Service) || held.Service == manifest.Name)
        {
            return [];
        }

        if (!services.TryGetValue(held.Service, out var target))
        {
            var known = services.Keys.Append(NodePlan.SupervisorName).Where(name => name != manifest.Name);
            return [new ManifestFault(manifest.Name, Held, $"{held.Service} is not a declared service{NearestName.Hint(held.Service, known)}") { Item = $"{place}.service" }];
        }

        if (target.EffectiveSocketName is null)
        {
            return [new ManifestFault(manifest.Name, Held, $"{held.Service} has no socket, so nobody can call it") { Item = $"{place}.service" }];
        }

        return from right in held.Rights.Index()
               where CapabilityNames.IsRight(right.Item) && !IsOffered(target, right.Item)
               select new ManifestFault(manifest.Name, Held, $"{held.Service} does not offer {right.Item}{NearestName.Hint(right.Item, target.Offers)}; it offers {string.Join(", ", target.Offers)}")
               {
                   Item = $"{place}.rights[{Number(right.Index)}]",
               };
    }

    // A service that says nothing of what it offers may offer anything. Whoever holds identity.issue passes on what the capability holds.
    private static bool IsOffered(ServiceManifest target, string right) =>
        target.Offers.IsDefaultOrEmpty || target.Offers.Contains(right) || right == NodePlan.PassingOnRight;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
