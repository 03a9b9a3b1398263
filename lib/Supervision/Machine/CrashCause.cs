using System.Globalization;

namespace Strata.Supervision;

/// <summary>Why an instance of a service counts as crashed.</summary>
/// <param name="Kind">The way it failed.</param>
/// <param name="Number">The exit code or the signal's number; null for the other kinds.</param>
/// <param name="Limit">The time that was exceeded, for a missed watchdog, readiness or end of a oneshot; null for the other kinds.</param>
/// <param name="Error">The error of a failed spawn, cut to <see cref="MaxErrorChars"/>; null for the other kinds.</param>
public sealed record CrashCause(CrashKind Kind, int? Number = null, TimeSpan? Limit = null, string? Error = null)
{
    /// <summary>The longest spawn error kept, in UTF-16 units.</summary>
    public const int MaxErrorChars = 256;

    private static readonly Dictionary<int, string> SignalNames = new()
    {
        [1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [4] = "SIGILL", [6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE",
        [9] = "SIGKILL", [11] = "SIGSEGV", [13] = "SIGPIPE", [15] = "SIGTERM", [24] = "SIGXCPU", [31] = "SIGSYS",
    };

    /// <summary>The cause in words, to follow the service's name.</summary>
    public string Text => Kind switch
    {
        CrashKind.ExitCode => string.Create(CultureInfo.InvariantCulture, $"exited with code {Number}"),
        CrashKind.Signal => string.Create(CultureInfo.InvariantCulture, $"was ended by signal {Number}{SignalName()}"),
        CrashKind.OutOfMemory => string.Create(CultureInfo.InvariantCulture, $"was killed for memory (signal {Number}{SignalName()}): it used up its limits.memory"),
        CrashKind.WatchdogMissed => $"gave no sign of life for {Words.Duration(Limit)}",
        CrashKind.ReadyTimeout => $"was not ready within {Words.Duration(Limit)}",
        CrashKind.RunTimeout => $"had not ended after {Words.Duration(Limit)}",
        CrashKind.NotGranted => $"could not be given its capabilities: {Error}",
        _ => $"could not be spawned: {Error}",
    };

    internal static CrashCause From(ExitStatus status) => status.Signal is { } signal
        ? new CrashCause(status.OutOfMemory ? CrashKind.OutOfMemory : CrashKind.Signal, signal)
        : new CrashCause(CrashKind.ExitCode, status.Code ?? 0);

    internal static CrashCause FromSpawnError(string error, bool ungranted = false) =>
        new(ungranted ? CrashKind.NotGranted : CrashKind.SpawnFailed, Error: error.Length > MaxErrorChars ? error[..MaxErrorChars] : error);

    private string SignalName() => Number is { } number && SignalNames.TryGetValue(number, out var name) ? $" ({name})" : "";
}
