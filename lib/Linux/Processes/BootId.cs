namespace Strata.Linux;

/// <summary>Tells one boot of the machine from every other: a pid with its start time names a process only within one boot.</summary>
public static class BootId
{
    /// <summary>The credential that holds it where the service manager hides the kernel's file, as in systemd's <c>LoadCredential=boot_id:/proc/sys/kernel/random/boot_id</c>.</summary>
    public const string Credential = "boot_id";

    private const string KernelFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The present boot's, 36 characters: the service manager's word where it gives it, else the kernel's.</summary>
    /// <exception cref="IOException">Neither can be read, or what was read is none; the message says what to do.</exception>
    public static string Read() => Read(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), KernelFile);

    /// <summary>As <see cref="Read()"/>, from elsewhere.</summary>
    /// <param name="credentials">The directory of the service manager's credentials; null or empty when there is none.</param>
    /// <param name="kernelFile">The kernel's file.</param>
    internal static string Read(string? credentials, string kernelFile)
    {
        string? given = string.IsNullOrEmpty(credentials) ? null : Path.Combine(credentials, Credential);
        string path = given is not null && File.Exists(given) ? given : kernelFile;
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"the boot of this machine cannot be told from others: {path} cannot be read ({e.Message}). Under a unit with ProcSubset=pid, add LoadCredential={Credential}:{KernelFile}; elsewhere, mount /proc", e);
        }

        return Guid.TryParseExact(text, "D", out _) ? text : throw new IOException($"{path} does not hold the id of a boot, such as 7f3c5c1e-3b0f-4a53-9d1c-0a4f3b6d2e51");
    }
}
