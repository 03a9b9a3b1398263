namespace Strata.Mutation;

/// <summary>Which of the changes in these sources is in force.</summary>
public static class Mutant
{
    /// <summary>What is said of a test that was stopped.</summary>
    public const string WithoutEnd = "the mutant runs without end";

    private const int LookAtClockEvery = 0x4000;
    private static readonly bool[] Seen = new bool[100_000];
    private static int _asked;
    private static long _since = Environment.TickCount64;

    /// <summary>Its number; 0 for none.</summary>
    public static int Active { get; set; } = int.Parse(Environment.GetEnvironmentVariable("MUTANT") ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How long one test may take.</summary>
    public static long MaxMs { get; set; } = 10_000;

    public static bool Is(int number)
    {
        if (++_asked % LookAtClockEvery == 0 && Active != 0 && Environment.TickCount64 - _since > MaxMs)
        {
            throw new InvalidOperationException(WithoutEnd);
        }

        Seen[number] = true;
        return number == Active;
    }

    /// <summary>The mutants that were come by since the last call.</summary>
    public static int[] TakeSeen()
    {
        _since = Environment.TickCount64;
        var seen = Enumerable.Range(0, Seen.Length).Where(i => Seen[i]).ToArray();
        Array.Clear(Seen);
        return seen;
    }
}
