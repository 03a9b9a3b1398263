using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>fs.open</c>.</summary>
public sealed record OpenParams(
    [property: Description("path relative to the capability's path_prefix, or an absolute path beneath it")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("r: read; w: write; rw: both. To write takes the right fs.write as well")][property: AllowedValues("r", "w", "rw")] string Mode = "r",
    [property: Description("with w or rw: makes the file when it is missing")] bool Create = false,
    [property: Description("with w or rw: makes the file, which must be missing")] bool Exclusive = false,
    [property: Description("with w or rw: cuts the file to nothing; takes the right fs.truncate as well")] bool Truncate = false,
    [property: Description("with w or rw: each write goes to the end of the file")] bool Append = false,
    [property: Description("permission bits of a file that is made, octal, cut by the service's umask")][property: StringLength(4, MinimumLength = 3)] string Permissions = "0644",
    [property: Description("gives the open descriptor itself (SCM_RIGHTS) and no handle; takes the right fs.open_fd as well, and to write fs.truncate")] bool Fd = false);

/// <summary>Result of <c>fs.open</c>.</summary>
public sealed record OpenResult(
    [property: Description("unguessable handle, bound to the capability; empty with fd")] string Handle,
    [property: Description("true when the descriptor came along")] bool? Fd = null);

/// <summary>Params of <c>fs.read</c>.</summary>
public sealed record ReadParams(
    [property: Description("handle from fs.open")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("byte offset")][property: Range(0, 9.2e18)] long Offset = 0,
    [property: Description("bytes wanted; an answer carries fewer when the frame would not hold them")][property: Range(0, 1048576)] int Size = 4096);

/// <summary>Result of <c>fs.read</c>.</summary>
public sealed record ReadResult(
    [property: Description("the bytes, standard base64")] ReadOnlyMemory<byte> DataB64,
    [property: Description("how many bytes")] int BytesRead,
    [property: Description("true when the end of the file was reached")] bool Eof,
    [property: Description("the same bytes as text, when they are UTF-8 and few (at most 16 KiB)")] string? Data = null);

/// <summary>Params of <c>fs.list</c>.</summary>
public sealed record ListParams(
    [property: Description("path relative to the capability's path_prefix, or an absolute path beneath it; . is the prefix itself")][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description("next of the page before, with the same sort; none starts at the beginning")][property: StringLength(512, MinimumLength = 1)] string? Cursor = null,
    [property: Description("entries wanted on this page")][property: Range(1, 4096)] int Limit = 1000,
    [property: Description("none: in the order the file system gives them; name: by the bytes of their names")][property: AllowedValues("none", "name")] string Sort = "none",
    [property: Description("also tells mode and modified")] bool Stat = false);

/// <summary>One entry of a directory.</summary>
public sealed record DirectoryEntry(
    [property: Description("name; bytes that are not UTF-8 are shown as U+FFFD, and name_b64 has them")] string Name,
    [property: Description("true for a directory")] bool IsDir,
    [property: Description("size in bytes")] long Size,
    [property: Description("file, dir, symlink, fifo, socket, device or unknown")] string Kind,
    [property: Description("the name's bytes when they are not UTF-8")] ReadOnlyMemory<byte>? NameB64 = null,
    [property: Description("permission bits, octal, when stat was asked for")] string? Mode = null,
    [property: Description("last modification, RFC 3339 UTC, when stat was asked for")] string? Modified = null);

/// <summary>Result of <c>fs.list</c>.</summary>
public sealed record ListResult(
    [property: Description("entries, in the order asked for")] IReadOnlyList<DirectoryEntry> Entries,
    [property: Description("cursor of the next page; absent on the last")] string? Next = null);

/// <summary>Params of <c>fs.stat</c>.</summary>
public sealed record StatParams(
    [property: Description("path relative to the capability's path_prefix, or an absolute path beneath it")][property: StringLength(4096, MinimumLength = 1)] string Path);

/// <summary>Result of <c>fs.stat</c>.</summary>
public sealed record StatResult(
    [property: Description("file, dir, symlink, fifo, socket, device or unknown")] string Kind,
    [property: Description("true for a directory")] bool IsDir,
    [property: Description("size in bytes")] long Size,
    [property: Description("permission bits, octal, e.g. 0644")] string Mode,
    [property: Description("last modification, RFC 3339 UTC")] string Modified);

/// <summary>Params of <c>fs.close</c>.</summary>
public sealed record CloseParams([property: Description("handle from fs.open")][property: StringLength(64, MinimumLength = 1)] string Handle);
