using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>fs.write</c>.</summary>
public sealed record WriteParams(
    [property: Description("handle from fs.open with mode w or rw")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("byte offset; a handle that appends takes none")][property: Range(0, 9.2e18)] long Offset = 0,
    [property: Description("the bytes, standard base64; or data")] ReadOnlyMemory<byte>? DataB64 = null,
    [property: Description("the bytes as text; or data_b64")][property: StringLength(1048576)] string? Data = null);

/// <summary>Result of <c>fs.write</c>.</summary>
public sealed record WriteResult([property: Description("how many bytes were written; fewer than sent when the disk became full")] int BytesWritten);

/// <summary>Params of <c>fs.truncate</c>.</summary>
public sealed record TruncateParams(
    [property: Description("handle from fs.open with mode w or rw")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("the file's length from now on; what is beyond the old one is a hole")][property: Range(0, 9.2e18)] long Size);

/// <summary>Params of <c>fs.sync</c>.</summary>
public sealed record SyncParams([property: Description("handle from fs.open with mode w or rw")][property: StringLength(64, MinimumLength = 1)] string Handle);

/// <summary>Params of <c>fs.mkdir</c>.</summary>
public sealed record MkdirParams(
    [property: Description("path relative to the capability's path_prefix, or an absolute path beneath it")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("also makes what is missing above it, and takes a directory that is there for made")] bool Parents = false,
    [property: Description("permission bits, octal, cut by the service's umask")][property: StringLength(4, MinimumLength = 3)] string Permissions = "0755");

/// <summary>Params of <c>fs.rename</c>.</summary>
public sealed record RenameParams(
    [property: Description("path of what is moved; a link is moved itself")][property: StringLength(4096, MinimumLength = 1)] string From,
    [property: Description("its new path")][property: StringLength(4096, MinimumLength = 1)] string To,
    [property: Description("whether it may take the place of what is there: a file of a file, a directory of an empty one")] bool Replace = false);

/// <summary>Params of <c>fs.remove</c>.</summary>
public sealed record RemoveParams(
    [property: Description("path of a file, a link or an empty directory; a link is removed itself")][property: StringLength(4096, MinimumLength = 1)] string Path);

/// <summary>Params of <c>fs.remove_tree</c>.</summary>
public sealed record RemoveTreeParams(
    [property: Description("path of a directory, or of anything else")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("most entries removed by this call; call again while done is false")][property: Range(1, 100000)] int Limit = 10000);

/// <summary>Result of <c>fs.remove_tree</c>.</summary>
public sealed record RemoveTreeResult(
    [property: Description("how many entries were removed")] int Removed,
    [property: Description("false when the limit was reached before the end")] bool Done);

/// <summary>Params of <c>fs.chmod</c>.</summary>
public sealed record ChmodParams(
    [property: Description("path of a file or directory")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("permission bits, octal, e.g. 0640")][property: StringLength(4, MinimumLength = 3)] string Permissions);

/// <summary>Params of <c>fs.copy</c>.</summary>
public sealed record CopyParams(
    [property: Description("path of a regular file")][property: StringLength(4096, MinimumLength = 1)] string From,
    [property: Description("path of the copy, which appears whole or not at all")][property: StringLength(4096, MinimumLength = 1)] string To,
    [property: Description("whether it may take the place of what is there")] bool Replace = false);

/// <summary>Result of <c>fs.copy</c>.</summary>
public sealed record CopyResult(
    [property: Description("the copy's size in bytes")] long Size,
    [property: Description("whether both files share their blocks")] bool Reflink);

/// <summary>Params of <c>fs.link</c>.</summary>
public sealed record LinkParams(
    [property: Description("path of a regular file")][property: StringLength(4096, MinimumLength = 1)] string From,
    [property: Description("a further path of the same file, beneath the same path_prefix")][property: StringLength(4096, MinimumLength = 1)] string To);
