using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>Permission bits as they are written: three or four octal digits, at most 0777. Bits that lend out the owner's authority are not the caller's to give.</summary>
internal static class Permissions
{
    internal static RpcError? Parse(string text, out int mode)
    {
        mode = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
            {
                return Fault();
            }

            mode = (mode * 8) + (digit - '0');
        }

        return text.Length is 3 or 4 && mode <= 0x1FF ? null : Fault();
    }

    private static RpcError Fault() => RpcError.InvalidField("permissions", "the field \"permissions\" must be permission bits in octal, from 0000 to 0777, e.g. \"0644\"");
}
