using System.Globalization;
using Strata.Contracts;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>Words for what is known of sandboxes.</summary>
internal static class SandboxText
{
    /// <summary>Limits on one line.</summary>
    public static string Limits(SandboxLimitsWish limits) => string.Join(", ", new[]
    {
        limits.MemoryBytes is { } memory ? $"memory {ByteSizes.Show(memory)}" : null,
        limits.Cpus is { } cpus ? string.Create(CultureInfo.InvariantCulture, $"cpus {cpus}") : null,
        limits.Pids is { } pids ? $"pids {pids}" : null,
        limits.DiskBytes is { } disk ? $"disk {ByteSizes.Show(disk)}" : null,
        limits.OpenFiles is { } files ? $"open files {files}" : null,
    }.OfType<string>());

    /// <summary>What holds the limits.</summary>
    public static string EnforcedBy(SandboxInfo session)
    {
        var by = session.EnforcedBy == "rlimit" ? "rlimit, of each process by itself" : session.EnforcedBy ?? "-";
        return session.NotEnforced is { Count: > 0 } lacking ? $"{by}; not enforced: {string.Join(", ", lacking)}" : by;
    }

    /// <summary>What no limit holds a session to although others have one; null when there is nothing to tell.</summary>
    public static string? Unheld(SandboxInfo session) => session.NotEnforced is not { Count: > 0 } lacking
        ? null
        : $"{session.Session} goes without a limit of {string.Join(", ", lacking)}, which nothing on this machine can hold for the service; strata-ctl sandbox doctor says what can be done, "
          + "and --require-limits refuses such a session";

    /// <summary>What became of a session since it was made; a dash for nothing.</summary>
    public static string Note(SandboxInfo session)
    {
        if (session.State == "lost")
        {
            return $"lost: {session.Reason}; close it, or create it anew";
        }

        var made = session.Restored != true ? null : session.Reason switch
        {
            "remade" => "brought back to a snapshot",
            "restarted" => "made anew when the service restarted",
            "ended" => "made anew after its sandbox ended",
            _ => $"made anew: {session.Reason}",
        };
        string?[] told = [made, session.SecretsLost == true ? "its secrets are gone" : null, session.FilesLost == true ? "its changes are gone" : null];
        return told.OfType<string>().DefaultIfEmpty("-").Aggregate((all, one) => $"{all}, {one}");
    }

    public static string Bytes(long? bytes) => bytes is { } known ? ByteSizes.Show(known) : "-";
}
