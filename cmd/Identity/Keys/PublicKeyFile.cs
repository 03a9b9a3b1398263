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
        PrivateDirectory.Require(runtimeDir, DirectoryMode);
        var content = Encoding.ASCII.GetBytes(Convert.ToBase64String(key.PublicKey));
        try
        {
            using var directory = PrivateDirectory.Ensure(runtimeDir, DirectoryMode);
            DurableFile.Replace(directory, Name, content, FileMode);
        }
        catch (LinuxException e) when (e.Errno is Errno.EACCES)
        {
            // Confined, it may write this file and nothing beside it; the supervisor has made it.
            WriteInPlace(Path.Combine(runtimeDir, Name), content);
        }
    }

    /// <summary>Writes by one call, and only what is new: every key is equally long, so a reader finds the old one or the new one, or at first none.</summary>
    private static void WriteInPlace(string path, byte[] content)
    {
        using var file = File.OpenHandle(path, System.IO.FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var present = new byte[content.Length + 1];
        if (RandomAccess.Read(file, present, 0) != content.Length || !present.AsSpan(0, content.Length).SequenceEqual(content))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.SetLength(file, content.Length);
        }
    }
}
