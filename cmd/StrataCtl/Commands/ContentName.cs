using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.StrataCtl.Commands;

/// <summary>Names the content of a file here, so that sending it can be gone on with.</summary>
internal static class ContentName
{
    /// <summary>A name for the content of a file: another one when it changes, which nobody can hide. Null for what is no file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="purpose">What it is sent for: for two purposes at once it is sent twice.</param>
    public static string? Of(FileStream? file, string purpose = "")
    {
        if (file is null || FileStatus.TryGet((int)file.SafeFileHandle.DangerousGetHandle(), out var status) < 0 || status.Kind != FileKind.Regular)
        {
            return null;
        }

        var hash = new byte[Sha256Hash.Bytes];
        Sha256Hash.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{status.Device} {status.Inode} {status.SizeBytes} {status.ChangedUnixNs} {purpose}")), hash);
        return Convert.ToHexStringLower(hash);
    }
}
