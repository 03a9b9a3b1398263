namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>The surroundings of a run.</summary>
internal sealed record CtlSettings
{
    public Dictionary<string, string> Variables { get; init; } = [];

    public bool Terminal { get; init; }

    public string Input { get; init; } = "";

    public string HostRoot { get; init; } = "/";

    /// <summary>Where standard output goes when a test reads it meanwhile.</summary>
    public MemoryStream? Output { get; init; }

    public CancellationToken Cancellation { get; init; }
}
