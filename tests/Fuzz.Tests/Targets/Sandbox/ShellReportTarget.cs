using Strata.Sandbox;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>What comes on the pipe by which a session's shell reports, where programs inside can write as well: the same report however the bytes arrive, of this command alone.</summary>
internal sealed class ShellReportTarget : FuzzTarget
{
    private const long Number = 7;

    internal override string Name => "shell-report";

    internal override IReadOnlyList<byte[]> Tokens { get; } =
        [[0], .. Texts("\0R7\0", "\0R8\0", "\0R70\0", "R7", "0\0", "255\0", "256\0", "-1\0", "/\0", "/workspace\0", "relative\0", "declare -x A=\"b\"\n", "declare -", "declare -x A=\"b\"\n\0", "\n")];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var whole = ShellReport.TryRead(input, Number);
        var cuts = new SeededRandom(((ulong)input.Length << 8) ^ (input.IsEmpty ? 0u : input[^1]));
        var report = new ShellReport();
        ShellStatus? taken = null;
        for (var at = 0; at < input.Length && taken is null;)
        {
            var count = Math.Min(1 + cuts.Below(input.Length), input.Length - at);
            report.Append(input.Slice(at, count));
            at += count;
            taken = report.TryTake(Number);
        }

        Unless(Same(taken, whole), "a report is another one when it comes in pieces");
        if (whole is null)
        {
            return new Outcome(false, "no report");
        }

        Unless(whole.Code is >= 0 and <= 255 && whole.Environment is not null, "a status that no program has");
        Unless(whole.Directory is null || (whole.Directory[0] == '/' && !whole.Directory.Contains('\0', StringComparison.Ordinal)), "a directory that is none");
        Unless(whole.Environment is { Length: 0 } || whole.Environment.AsSpan().StartsWith("declare -"u8), "variables that are something else");
        Unless(!whole.Environment.AsSpan().Contains((byte)0), "variables with a NUL");
        return new Outcome(true, null, (whole.Directory is null ? 0 : 1) + (whole.Environment!.Length > 0 ? 2 : 0));
    }

    private static bool Same(ShellStatus? one, ShellStatus? other) =>
        one is null ? other is null : other is not null && one.Code == other.Code && one.Directory == other.Directory && one.Environment.AsSpan().SequenceEqual(other.Environment);
}
