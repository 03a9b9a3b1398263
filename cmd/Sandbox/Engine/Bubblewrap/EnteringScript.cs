using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What a process does that goes into a sandbox and becomes a program there.</summary>
internal static class EnteringScript
{
    /// <summary>Processes and threads of a sandbox for which nothing was said.</summary>
    internal const int DefaultProcesses = 1024;

    private const int Lifted = 128;
    private const int MaxDescriptor = 63;
    private const int LimitOfCore = 4;
    private const int LimitOfProcesses = 6;
    private const int LimitOfFiles = 7;
    private const int LimitOfAddresses = 9;

    /// <summary>The script; the process has a pidfd of the sandbox's first process, then the extra descriptors in the order of their numbers inside.</summary>
    internal static CallScript Of(SandboxPlan plan, SandboxedStart start, SandboxIds ids, byte[] filter, SandboxGroup group)
    {
        bool tagged = group.Tree is null;
        var script = new CallScript();
        int[] extra = [.. start.Extra.Keys.Order()];
        if (extra.Length > 0 && (extra[0] < 3 || extra[^1] > MaxDescriptor))
        {
            throw new ArgumentException($"descriptors 3 to {MaxDescriptor} can be given to a program, not {(extra[0] < 3 ? extra[0] : extra[^1])}.");
        }

        script.SetName("strata-enter");
        script.ForbidDumps();
        for (int i = 0; i <= extra.Length + (tagged ? 1 : 0); i++)
        {
            script.Duplicate(CallScript.FirstDescriptor + i, Lifted + i, kept: false);
        }

        script.CloseRange(3, Lifted - 1);
        if (!ids.IsSingle)
        {
            script.LeaveGroups();
        }

        if (tagged)
        {
            EnterTagged(script, plan, Lifted + 1 + extra.Length);
        }
        else
        {
            script.Enter(Lifted, KindsOf(plan));
        }

        script.Continue();
        script.Close(Lifted);
        script.NewSession();
        if (start.Terminal is not null)
        {
            script.TakeTerminal(0);
        }

        for (int i = 0; i < extra.Length; i++)
        {
            script.Duplicate(Lifted + 1 + i, extra[i], kept: true);
        }

        script.SetCreationMask(0x12);
        AddLimits(script, plan, group);
        BecomeUser(script, start.User ?? plan.User, start.User ?? plan.Group ?? plan.User);
        script.ChangeDirectory(start.WorkingDirectory);
        script.CloseFromAtExec(Lifted);
        script.Filter(filter);
        script.Execute(Candidates(start), start.Arguments, start.Environment);
        return script;
    }

    /// <summary>The namespaces that a sandbox has for itself.</summary>
    internal static NamespaceKinds KindsOf(SandboxPlan plan) =>
        NamespaceKinds.Users | NamespaceKinds.Mounts | NamespaceKinds.Processes | NamespaceKinds.Communication | NamespaceKinds.Names | NamespaceKinds.ControlGroups
        | (plan.Network == "host" ? NamespaceKinds.None : NamespaceKinds.Network);

    /// <summary>Where a program may be: the search is the kernel's, inside. Pure.</summary>
    internal static IReadOnlyList<string> Candidates(SandboxedStart start)
    {
        if (start.Program.Contains('/', StringComparison.Ordinal))
        {
            return [start.Program];
        }

        const string variable = "PATH=";
        string path = start.Environment.FirstOrDefault(v => v.StartsWith(variable, StringComparison.Ordinal))?[variable.Length..] ?? "/usr/local/bin:/usr/bin:/bin";
        return [.. path.Split(':').Select(directory => directory.Length == 0 ? "./" + start.Program : $"{directory}/{start.Program}")];
    }

    // A name space for names that is the process's own, sent to us before its program can start anything: see TaggedKin.
    private static void EnterTagged(CallScript script, SandboxPlan plan, int socket)
    {
        script.OpenPlace("/proc/self", 3);
        script.Enter(Lifted, KindsOf(plan));
        script.Unshare(NamespaceKinds.Names);
        script.OpenPlace("ns/uts", 4, 3);
        script.Pass(socket, 4);
        script.CloseRange(3, 4);
        script.Close(socket);
    }

    private static void BecomeUser(CallScript script, int user, int group)
    {
        script.DropCapabilities();
        script.BecomeUser(user, group);
        script.ClearCapabilities();
        script.ForbidNewPrivileges();
    }

    private static void AddLimits(CallScript script, SandboxPlan plan, SandboxGroup group)
    {
        script.Limit(LimitOfCore, 1); // The one value that keeps the kernel from handing memory to the host's program for cores as well.
        if (plan.Limits.OpenFiles is { } files)
        {
            script.Limit(LimitOfFiles, files);
        }

        if (!group.CountsProcesses)
        {
            script.Limit(LimitOfProcesses, plan.Limits.Processes ?? DefaultProcesses); // Counted for the sandbox's user namespace alone.
        }

        if (!group.CountsMemory && plan.Limits.MemoryBytes is { } memory)
        {
            script.Limit(LimitOfAddresses, memory);
        }
    }
}
