using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>From the params of <c>fs.open</c> to the way a file is opened. Pure.</summary>
internal static class FileOpenings
{
    internal static RpcError? Read(OpenParams wish, out FileOpening opening)
    {
        opening = new FileOpening { Access = FileAccess.Read };
        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        if (wish.Mode == "r")
        {
            var field = wish.Create ? "create" : wish.Exclusive ? "exclusive" : wish.Truncate ? "truncate" : wish.Append ? "append" : null;
            return field is null ? null : RpcError.InvalidField(field, $"the field \"{field}\" needs mode \"w\" or \"rw\"");
        }

        opening = new FileOpening
        {
            Access = wish.Mode == "w" ? FileAccess.Write : FileAccess.ReadWrite,
            Create = wish.Create || wish.Exclusive,
            Exclusive = wish.Exclusive,
            Truncate = wish.Truncate,
            Append = wish.Append,
            Mode = mode,
        };
        return null;
    }
}
