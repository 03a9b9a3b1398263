using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Stands where there is no engine: everything says what is missing.</summary>
internal sealed class MissingEngine(string what, string remedy) : ISandboxEngine
{
    public string Name => "none";

    public EngineReport Report { get; } = new("none", false, [new EngineFinding("engine", false, what, remedy)]);

    public Task<ISandbox> CreateAsync(SandboxPlan plan, CancellationToken cancellation) =>
        throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"{what}; {remedy}");

    public void CleanUp(string id)
    {
    }
}
