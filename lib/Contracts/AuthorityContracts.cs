using System.ComponentModel;

namespace Strata.Contracts;

/// <summary>Result of <c>supervisor.svc.authority</c>: what a service may ask of others, and how it is reached itself.</summary>
public sealed record ServiceAuthority(
    [property: Description("name")] string Name,
    [property: Description("user id that it runs as")] long Uid,
    [property: Description("true when that user needs no capability where a method lets authorities in")] bool IsAuthority,
    [property: Description("where its manifest says what it holds: FILE:LINE:COLUMN, or built-in")] string Place,
    [property: Description("what it holds, by its manifest")] IReadOnlyList<HeldRights> Holds,
    [property: Description("state; absent for the supervisor itself")] string? State = null,
    [property: Description("the file with its capabilities, while it runs and holds any")] string? File = null,
    [property: Description("when the first of them ends, Unix seconds")] long? Expires = null,
    [property: Description("why they could not be renewed; absent when they were")] string? Trouble = null,
    [property: Description("path of its socket; absent when it has none")] string? Socket = null,
    [property: Description("rights that its manifest says its methods ask for; absent when it says nothing")] IReadOnlyList<string>? Offers = null,
    [property: Description("what the kernel keeps it from, in words")] string? Confinement = null);

/// <summary>Rights on one service that a manifest gives.</summary>
public sealed record HeldRights(
    [property: Description("service whose methods ask for the rights")] string Service,
    [property: Description("where the manifest says so: FILE:LINE:COLUMN")] string Place,
    [property: Description("rights")] IReadOnlyList<PlacedRight> Rights,
    [property: Description("constraints; absent when there are none")] ConstraintsView? Constraints = null);

/// <summary>One right, and where a manifest gives it.</summary>
public sealed record PlacedRight(
    [property: Description("right")] string Right,
    [property: Description("where the manifest says so: FILE:LINE:COLUMN")] string Place);
