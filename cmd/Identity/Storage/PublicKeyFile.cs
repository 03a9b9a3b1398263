using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>Publishes <c>identity.pub</c> for programs that verify tokens without following identity.</summary>
internal static class PublicKeyFile
{
    internal const string Name = "identity.pub";
    private const int FileMode = 0x1A4; // 0644
    private const int DirectoryMode = 0x1ED; // 0755

    /// <summary>Writes the key in standard base64 without a newline, in one step.</summary>
    /// <exception cref="UnsafeDirectoryException">Others could replace the file.</exception>
    internal static void Publish(string runtimeDir, VerificationKey key)
    {
        Directory.CreateDirectory(runtimeDir);
        using var directory = PrivateDirectory.Ensure(runtimeDir, DirectoryMode);
        DurableFile.Replace(directory, Name, Encoding.ASCII.GetBytes(Convert.ToBase64String(key.PublicKey)), FileMode);
    }
}
