using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for sessions themselves.</summary>
internal sealed partial class SandboxService
{
    private IReadOnlyList<Method> SessionMethods =>
    [
        new UnaryMethod<NoParams, SandboxDoctorResult>(
            "sandbox.doctor", "Says what this machine can and cannot do for sandboxes, and what to do about the rest.",
            Access.Holder, () => ContractsJson.Default.NoParams, () => ContractsJson.Default.SandboxDoctorResult, (_, _) => Doctor()),
    ];

    private Reply<SandboxDoctorResult> Doctor() =>
        new SandboxDoctorResult(Engine.Report.Engine, Engine.Report.Usable, [.. Engine.Report.Findings.Select(f => new SandboxFinding(f.Name, f.Good, f.What, f.Remedy))]);
}
