namespace Strata.Sandbox;

/// <summary>What an engine can do on this machine.</summary>
/// <param name="Engine">Its name.</param>
/// <param name="Usable">Whether sandboxes can be made at all.</param>
/// <param name="Findings">Each thing that was probed.</param>
internal sealed record EngineReport(string Engine, bool Usable, IReadOnlyList<EngineFinding> Findings);

/// <summary>One thing that was probed.</summary>
/// <param name="Name">A word for it, such as <c>user_namespaces</c>, <c>overlay</c> or <c>cgroup</c>.</param>
/// <param name="Good">Whether it is as it should be; when not, <paramref name="Remedy"/> says what to do.</param>
/// <param name="What">What was found.</param>
/// <param name="Remedy">The package, setting or command that makes it good; null when there is nothing to do.</param>
internal sealed record EngineFinding(string Name, bool Good, string What, string? Remedy);
