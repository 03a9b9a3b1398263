using Strata.StrataCtl.Output;

namespace Strata.StrataCtl;

/// <summary>Everything outside the program that it touches, in one place, so that tests can put something else there.</summary>
internal sealed record Surroundings
{
    public required Stream Stdout { get; init; }

    public required TextWriter Stderr { get; init; }

    public required Stream Stdin { get; init; }

    /// <summary>Reads an environment variable; null and empty both mean it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    public bool StdoutIsTerminal { get; init; }

    public bool StderrIsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where <c>/proc</c> and <c>/sys</c> are looked for; a test points it at a made-up tree.</summary>
    public string HostRoot { get; init; } = "/";

    public static Surroundings OfThisProcess() => new()
    {
        Stdout = new DescriptorStream(1),
        Stderr = Console.Error,
        Stdin = new DescriptorInput(0),
        Variable = Environment.GetEnvironmentVariable,
        StdoutIsTerminal = !Console.IsOutputRedirected,
        StderrIsTerminal = !Console.IsErrorRedirected,
    };

    public string? NonEmpty(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
