namespace Strata.Ipc;

/// <summary>What the params of a call ask for, as authorization judges it.</summary>
/// <param name="Resource">The path or name; null for none.</param>
/// <param name="Further">What they ask for besides.</param>
public readonly record struct CallNeeds(string? Resource, FurtherNeeds Further);

/// <summary>What some params of a method ask for beside its right and its path; the handler asks for the same.</summary>
/// <param name="Rights">Rights.</param>
/// <param name="Paths">Paths.</param>
public sealed record FurtherNeeds(IReadOnlyList<string> Rights, IReadOnlyList<string> Paths)
{
    /// <summary>Nothing.</summary>
    public static FurtherNeeds None { get; } = new([], []);

    /// <summary>Rights alone.</summary>
    public static FurtherNeeds OfRights(params IReadOnlyList<string> rights) => new(rights, []);

    /// <summary>Paths alone.</summary>
    public static FurtherNeeds OfPaths(params IReadOnlyList<string> paths) => new([], paths);
}
