namespace Strata.Fuzz.Tests;

/// <summary>Something that reads bytes of others, and what must hold of it whatever they are.</summary>
internal abstract class FuzzTarget
{
    /// <summary>The folder of its corpus.</summary>
    internal abstract string Name { get; }

    /// <summary>Largest input, in bytes.</summary>
    internal virtual int MaxBytes => 2048;

    /// <summary>How many times fewer inputs it is tried with than others: its reader throws for whatever it refuses, which takes as many times as long.</summary>
    internal virtual int Costs => 1;

    /// <summary>Pieces of its grammar.</summary>
    internal abstract IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Inputs to begin with besides the committed ones, for what depends on keys.</summary>
    internal virtual IEnumerable<byte[]> Seeds => [];

    /// <summary>Reads an input. The same input has the same outcome.</summary>
    /// <exception cref="BrokenInvariantException">Something does not hold. Any other exception is a fault as well.</exception>
    internal abstract Outcome Execute(ReadOnlySpan<byte> input);

    /// <summary>Pieces of a grammar from text.</summary>
    protected static byte[][] Texts(params string[] texts) => [.. texts.Select(System.Text.Encoding.UTF8.GetBytes)];
}
