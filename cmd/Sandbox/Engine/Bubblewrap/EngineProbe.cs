using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Finds out what this machine can do by doing it.</summary>
internal sealed class EngineProbe(BubblewrapEngine engine, string? bubblewrap, string? directory)
{
    internal const string InstallBubblewrap = "install the package bubblewrap (apt-get install bubblewrap, dnf install bubblewrap)";

    /// <summary>The finding that says whether overlays can be mounted.</summary>
    internal const string OverlayName = "overlay";

    private const string NeedsOverlay = "images and disk limits take an overlay: load the module overlay; a service that is not root's needs kernel 5.11 for it";

    private const long QuotaBytes = 1 << 20;

    /// <summary>Why a call failed that should have made a sandbox, and what to do where that is known. Pure.</summary>
    internal static string FaultOf(SandboxPlan plan, string call, int result)
    {
        string fault = new LinuxException(result, call).Message;
        return plan.NeedsOverlay && call.StartsWith("mount(", StringComparison.Ordinal) && -result is (Errno.ENODEV or Errno.EPERM or Errno.EINVAL) ? $"{fault}; {NeedsOverlay}" : fault;
    }

    /// <summary>Makes three sandboxes and ends them.</summary>
    internal async Task<EngineReport> RunAsync()
    {
        var scratch = directory is null ? Directory.CreateTempSubdirectory("strata-sandbox-") : PrivateScratch(Path.Combine(directory, "probe"));
        try
        {
            string? sandbox = await TryMakeAsync(scratch, "h", []).ConfigureAwait(false);
            string? overlay = sandbox ?? await TryMakeAsync(scratch, "o", [scratch.CreateSubdirectory("layer").FullName]).ConfigureAwait(false);
            overlay ??= await TryMakeAsync(scratch, "q", [scratch.CreateSubdirectory("layer").FullName], QuotaBytes).ConfigureAwait(false);
            return new EngineReport(engine.Name, sandbox is null, [Bubblewrap(), Namespaces(sandbox), Filter(), Overlay(overlay), Groups()]);
        }
        finally
        {
            ChangesRemoval.Run(scratch.FullName);
        }
    }

    // One that an earlier process was killed over is gone first.
    private static DirectoryInfo PrivateScratch(string path)
    {
        if (Directory.Exists(path))
        {
            ChangesRemoval.Run(path);
        }

        PrivateDirectory.Ensure(path, 0x1C0).Dispose();
        return new DirectoryInfo(path);
    }

    private async Task<string?> TryMakeAsync(DirectoryInfo scratch, string name, IReadOnlyList<string> layers, long? diskBytes = null)
    {
        var plan = new SandboxPlan
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"probe{name}{Environment.ProcessId:x10}"), Layers = layers, Limits = new SandboxLimits(DiskBytes: diskBytes),
            ChangesDirectory = scratch.CreateSubdirectory(name).FullName,
        };
        try
        {
            await (await engine.CreateAsync(plan, CancellationToken.None).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private EngineFinding Bubblewrap() => bubblewrap is null
        ? new("bubblewrap", false, "not installed", InstallBubblewrap)
        : new("bubblewrap", true, bubblewrap, null);

    private static EngineFinding Namespaces(string? fault) => fault is null
        ? new("sandbox", true, "a sandbox was made and ended", null)
        : new("sandbox", false, fault, NamespaceAdvice.Here() ?? "see docs/sandbox.md, what the machine must offer");

    private static EngineFinding Filter() => SeccompFilter.LibraryVersion is { } version
        ? new("seccomp", true, $"libseccomp {version}", null)
        : new("seccomp", false, "libseccomp.so.2 is not installed", "install the package libseccomp2");

    private static EngineFinding Overlay(string? fault) => fault is null
        ? new(OverlayName, true, "overlays can be mounted: images and disk limits work", null)
        : new(OverlayName, false, fault.Replace($"; {NeedsOverlay}", "", StringComparison.Ordinal), NeedsOverlay);

    private EngineFinding Groups() => LimitsOf(engine.Groups.Mechanism, engine.Groups.Plan, engine.Groups.HasTree, engine.Groups.Fault);

    /// <summary>What holds limits, and which are not held. Pure.</summary>
    internal static EngineFinding LimitsOf(LimitMechanism mechanism, CgroupPlan plan, bool hasTree, string? fault)
    {
        const string Remedy = "run the node as root, or give it control groups (under systemd: Delegate=yes): until then a session gets the limits that can be held, unless it asks for one that cannot, or for require_limits";
        string[] lacks =
        [
            .. plan.Memory is null ? ["memory_bytes is held for each process by itself"] : Array.Empty<string>(),
            .. plan.Cpu is null ? ["cpus is not held at all"] : Array.Empty<string>(),
            .. fault is null ? Array.Empty<string>() : [fault],
        ];
        string name = mechanism switch
        {
            LimitMechanism.Cgroup2 => "cgroup2",
            LimitMechanism.Cgroup1 => "cgroup1",
            _ => hasTree ? "rlimit, and groups only to end and pause sandboxes" : "rlimit",
        };
        return lacks.Length == 0 ? new("limits", true, name, null) : new("limits", false, $"{name}; {string.Join(", ", lacks)}", Remedy);
    }
}
