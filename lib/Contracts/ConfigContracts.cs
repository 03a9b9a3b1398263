using System.ComponentModel;

namespace Strata.Contracts;

/// <summary>What a configuration means for one service.</summary>
public sealed record ConfigServiceChange(
    [property: Description("name")] string Name,
    [property: Description("added, removed, adjusted, restarted or follows")] string Change,
    [property: Description("what becomes of it, in words")] string Effect,
    [property: Description("fields of its manifest that differ")] IReadOnlyList<string>? Fields = null,
    [property: Description("the changed service with which it restarts, by that one's strategy")] string? With = null);

/// <summary>One thing wrong with the manifests.</summary>
public sealed record ConfigFault(
    [property: Description("file")] string File,
    [property: Description("line, from 1; 0 when the fault is of the whole file")] int Line,
    [property: Description("column, from 1; 0 when the fault is of the whole file")] int Column,
    [property: Description("field; empty when it is of none")] string Field,
    [property: Description("what is wrong and what would be right")] string Message);

/// <summary>Result of <c>supervisor.config.diff</c> and <c>supervisor.config.apply</c>.</summary>
public sealed record ConfigChange(
    [property: Description("unchanged, differs, applied or refused")] string Outcome,
    [property: Description("number of the configuration in force, from 1 since the supervisor started")] int Generation,
    [property: Description("every service that is not left alone, by name")] IReadOnlyList<ConfigServiceChange> Services,
    [property: Description("why it was refused; empty otherwise")] IReadOnlyList<ConfigFault> Faults,
    [property: Description("faults beyond those given")] int? MoreFaults = null);
