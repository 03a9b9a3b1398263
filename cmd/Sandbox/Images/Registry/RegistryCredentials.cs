using System.Text;
using System.Text.Json;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Names and passwords for registries, from a file of the operator's that is read when they are needed and never kept.</summary>
internal static class RegistryCredentials
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>What is sent to a registry that asks for a name and password: base64 of both; null when there is none for it.</summary>
    /// <exception cref="SandboxException">The file cannot be trusted or read.</exception>
    internal static string? Find(string? path, string registry)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            using var directory = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
            var content = BoundedFile.TryRead(directory, Path.GetFileName(path), MaxBytes, out var fault);
            _ = FileStatus.TryGetEntry(directory, Encoding.UTF8.GetBytes(Path.GetFileName(path)), out var status);
            fault ??= content is null ? "is not there" : (status.Mode & 0x3f) != 0 ? "can be read by others; chmod 600 it" : null;
            if (fault is not null)
            {
                throw Unusable(fault);
            }

            var logins = JsonSerializer.Deserialize(content, OciJson.Default.RegistryLogins)?.Auths;
            return logins is null ? null : (logins.GetValueOrDefault(registry) ?? (registry == "docker.io" ? logins.GetValueOrDefault("https://index.docker.io/v1/") : null))?.Auth is { Length: > 0 } auth && Convert.TryFromBase64String(auth, new byte[auth.Length], out _) ? auth : null;
        }
        catch (JsonException)
        {
            throw Unusable("is not JSON as docker's config.json");
        }
        catch (LinuxException e)
        {
            throw Unusable($"cannot be reached ({e.Name})");
        }
    }

    private static SandboxException Unusable(string what) =>
        new(ErrorCode.Unavailable, SandboxReasons.RegistryFailed, $"the file that STRATA_SANDBOX_REGISTRY_AUTH names {what}");
}
