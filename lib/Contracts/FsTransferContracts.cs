using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>fs.write_atomic</c>.</summary>
public sealed record WriteAtomicParams(
    [property: Description("path relative to the capability's path_prefix, or an absolute path beneath it; a link there is replaced itself")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("the whole content, standard base64; or data")] ReadOnlyMemory<byte>? DataB64 = null,
    [property: Description("the whole content as text; or data_b64")][property: StringLength(1048576)] string? Data = null,
    [property: Description("whether it may take the place of what is there")] bool Replace = true,
    [property: Description("permission bits, octal; without them those of the file replaced, or 0644")][property: StringLength(4, MinimumLength = 3)] string? Permissions = null);

/// <summary>Params of <c>fs.hash</c>.</summary>
public sealed record HashParams(
    [property: Description("path of a regular file")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("how it is hashed")][property: AllowedValues("sha256")] string Algorithm = "sha256");

/// <summary>Result of <c>fs.hash</c>.</summary>
public sealed record HashResult(
    [property: Description("the SHA-256 of the content, hex")] string Sha256,
    [property: Description("how many bytes were hashed")] long Size);

/// <summary>Params of <c>fs.download</c>.</summary>
public sealed record DownloadParams(
    [property: Description("path of a regular file")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("byte offset to begin at: where an earlier download ended")][property: Range(0, 9.2e18)] long Offset = 0,
    [property: Description("most bytes wanted; all to the end without it")][property: Range(0, 9.2e18)] long? Length = null,
    [property: Description("modified as an earlier download told it; another file is refused")][property: StringLength(64, MinimumLength = 1)] string? Modified = null);

/// <summary>One piece of <c>fs.download</c>.</summary>
public sealed record DownloadPiece(
    [property: Description("byte offset of these bytes")] long Offset,
    [property: Description("the bytes, standard base64")] ReadOnlyMemory<byte> DataB64,
    [property: Description("the file's size when it was opened")] long Size,
    [property: Description("the file's last modification when it was opened, RFC 3339 UTC")] string Modified,
    [property: Description("true when the end of the file follows")] bool Eof);

/// <summary>Params of <c>fs.upload</c>.</summary>
public sealed record UploadParams(
    [property: Description("path the file will have; a link there is replaced itself")][property: StringLength(4096, MinimumLength = 1)] string Path,
    [property: Description("the caller's name for this upload, letters, digits, - and _; the same one goes on where an earlier call ended")][property: StringLength(64, MinimumLength = 1)] string Upload,
    [property: Description("whether it may take the place of what is there")] bool Replace = false,
    [property: Description("permission bits, octal")][property: StringLength(4, MinimumLength = 3)] string Permissions = "0644");

/// <summary>Result of <c>fs.upload</c>.</summary>
public sealed record UploadResult(
    [property: Description("handle for fs.upload_write, fs.upload_commit and fs.upload_discard")] string Handle,
    [property: Description("bytes that are there already; go on from here")] long Offset);

/// <summary>Params of <c>fs.upload_write</c>.</summary>
public sealed record UploadWriteParams(
    [property: Description("handle from fs.upload")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("byte offset: where what is there ends")][property: Range(0, 9.2e18)] long Offset,
    [property: Description("the next bytes, standard base64")] ReadOnlyMemory<byte> DataB64);

/// <summary>Result of <c>fs.upload_write</c>.</summary>
public sealed record UploadWriteResult([property: Description("where the next bytes go")] long Offset);

/// <summary>Params of <c>fs.upload_commit</c>.</summary>
public sealed record UploadCommitParams(
    [property: Description("handle from fs.upload")][property: StringLength(64, MinimumLength = 1)] string Handle,
    [property: Description("the whole size; another is refused")][property: Range(0, 9.2e18)] long Size,
    [property: Description("the SHA-256 of the whole, hex; another is refused")][property: StringLength(64, MinimumLength = 64)] string? Sha256 = null);

/// <summary>Params of <c>fs.upload_discard</c>.</summary>
public sealed record UploadDiscardParams([property: Description("handle from fs.upload")][property: StringLength(64, MinimumLength = 1)] string Handle);

/// <summary>Params of <c>fs.find</c>.</summary>
public sealed record FindParams(
    [property: Description("directory to look in; . is the prefix itself")][property: StringLength(4096, MinimumLength = 1)] string Path = ".",
    [property: Description("* stands for any text without /, ? for one character, ** for any folders; without / it is held to the name alone")][property: StringLength(1024, MinimumLength = 1)] string Pattern = "*",
    [property: Description("only these")][property: AllowedValues("any", "file", "dir", "symlink")] string Kind = "any",
    [property: Description("how many folders deep; 1 is the directory itself")][property: Range(1, 64)] int MaxDepth = 32,
    [property: Description("most entries found")][property: Range(1, 100000)] int Limit = 10000);

/// <summary>One entry that <c>fs.find</c> found.</summary>
public sealed record FoundEntry(
    [property: Description("path beneath the directory looked in; bytes that are not UTF-8 are shown as U+FFFD, and path_b64 has them")] string Path,
    [property: Description("file, dir, symlink, fifo, socket, device or unknown")] string Kind,
    [property: Description("size in bytes")] long Size,
    [property: Description("the path's bytes when they are not UTF-8")] ReadOnlyMemory<byte>? PathB64 = null);

/// <summary>What <c>fs.find</c> found meanwhile.</summary>
public sealed record FindPart(
    [property: Description("entries, in the order the file system gives them")] IReadOnlyList<FoundEntry> Entries,
    [property: Description("entries looked at so far")] long Visited,
    [property: Description("folders so far that could not be read, or are mount points, and were left out")] int Skipped,
    [property: Description("true in the last part when a bound ended the search")] bool Truncated);

/// <summary>Params of <c>fs.watch</c>.</summary>
public sealed record WatchFilesParams(
    [property: Description("file or directory; of a directory its own entries, not those further down")][property: StringLength(4096, MinimumLength = 1)] string Path = ".");

/// <summary>One change that <c>fs.watch</c> saw.</summary>
public sealed record FileEvent(
    [property: Description("made, changed, written (and closed), removed, moved_from, moved_to, status, or gone: what was watched is no longer there, and the stream ends")] string Event,
    [property: Description("the entry's name; absent when it is what is watched itself")] string? Name = null,
    [property: Description("true for a directory")] bool IsDir = false,
    [property: Description("the same in moved_from and moved_to of one move")] long? Cookie = null,
    [property: Description("the name's bytes when they are not UTF-8")] ReadOnlyMemory<byte>? NameB64 = null);

/// <summary>What <c>fs.watch</c> saw meanwhile; the first part has no events and says that the watch is in place.</summary>
public sealed record FileEvents(
    [property: Description("changes in their order")] IReadOnlyList<FileEvent> Events,
    [property: Description("true when changes before these were lost: look at everything anew")] bool Overflow = false);
