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

    public static string Bytes(long? bytes) => bytes is { } known ? ByteSizes.Show(known) : "-";
}
