namespace Strata.Linux;

/// <summary>One mounted hierarchy of control groups and where in it this process is.</summary>
/// <param name="IsVersion2">Whether it is the unified one.</param>
/// <param name="Controllers">Controllers of a version 1 hierarchy; of the unified one the kernel tells them in a file.</param>
/// <param name="OwnDirectory">This process's group as a directory.</param>
public sealed record CgroupHierarchy(bool IsVersion2, IReadOnlyList<string> Controllers, string OwnDirectory);
