using System.ComponentModel;

namespace Strata.Contracts;

/// <summary>Result of <c>sandbox.doctor</c>.</summary>
public sealed record SandboxDoctorResult(
    [property: Description("the engine that makes sandboxes here")] string Engine,
    [property: Description("whether sandboxes can be made at all")] bool Usable,
    [property: Description("each thing that was probed")] IReadOnlyList<SandboxFinding> Findings);

/// <summary>One thing that was probed.</summary>
public sealed record SandboxFinding(
    [property: Description("a word for it")] string Name,
    [property: Description("whether it is as it should be")] bool Good,
    [property: Description("what was found")] string What,
    [property: Description("what makes it good; absent when there is nothing to do")] string? Remedy = null);
