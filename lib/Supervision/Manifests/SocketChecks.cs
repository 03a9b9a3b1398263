namespace Strata.Supervision;

/// <summary>What a manifest may say about its listening socket.</summary>
internal static class SocketChecks
{
    private const int MaxMode = 0x1FF; // 0777

    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        CheckName(manifest.SocketName, faults);
        if (manifest.Socket is not { } socket)
        {
            CheckAbsence(manifest, faults);
            return;
        }

        if (socket.Mode is < 0 or > MaxMode)
        {
            faults.Add("socket.mode", "must be three octal digits such as \"0660\"");
        }

        if (socket.Group is { } group && !ConfinementChecks.IsAccount(group))
        {
            faults.Add("socket.group", $"must be the name or the number of a group, at most {ManifestLimits.MaxAccountChars} characters");
        }

        if (socket.OnDemand && manifest.Name == NodePlan.RegistryName)
        {
            faults.Add("socket.on_demand", "the registry serves the node and is started with it");
        }

        PolicyChecks.Range(faults, "socket.backlog", socket.Backlog, ManifestRanges.Backlog);
    }

    private static void CheckName(string? name, FaultList faults)
    {
        if (name is null)
        {
            return;
        }

        var good = name.Length is > 0 and <= ManifestLimits.MaxSocketNameChars && name[0] != '.'
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (!good)
        {
            faults.Add("socket.name", $"must be a plain file name of letters, digits, '.', '-' and '_', not hidden, at most {ManifestLimits.MaxSocketNameChars} characters");
        }
        else if (name == NodePlan.SupervisorName + ".sock")
        {
            faults.Add("socket.name", $"{name} is the supervisor's own; choose another");
        }
    }

    private static void CheckAbsence(ServiceManifest manifest, FaultList faults)
    {
        if (manifest.Name == NodePlan.RegistryName)
        {
            faults.Add("socket", "the registry serves the node and needs its socket");
        }
    }
}
