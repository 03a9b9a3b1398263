namespace Strata.Supervision;

/// <summary>One thing wrong with a manifest, or with a set of them.</summary>
/// <param name="Service">The name the manifest gives itself; empty when the fault is of the whole set.</param>
/// <param name="Field">The field as it is written in a manifest file, for example "restart.max".</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ManifestFault(string Service, string Field, string Message)
{
    /// <summary>The very item of a list or object that is at fault, for example "requires[1]"; null when it is the whole field.</summary>
    public string? Item { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Service.Length == 0 ? $"{Field}: {Message}" : $"{Service}: {Field}: {Message}";
}
