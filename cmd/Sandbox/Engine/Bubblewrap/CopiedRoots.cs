using System.Collections.Concurrent;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Roots for sandboxes of images where no overlay can be mounted: the layers, and what was changed of them, copied over each other as an overlay would show them, into a directory that
/// is one sandbox's alone. One that was made is used for all its life; one that was not finished never was.
/// </summary>
internal sealed class CopiedRoots : IDisposable
{
    /// <summary>Most entries that are copied for one root, of all layers together.</summary>
    internal const long MaxEntries = 4_000_000;

    /// <summary>Most bytes, likewise.</summary>
    internal const long MaxBytes = 64L << 30;

    /// <summary>Most roots that are copied at once; others wait.</summary>
    internal const int MaxCopying = 4;

    private const string Unfinished = ".root";

    // By the device that the changes lie on: why no overlay can be mounted there, or null since one was.
    private readonly ConcurrentDictionary<ulong, string?> _known = new();

    // A plain user lends himself rights to what he reads, which another copy of the same layer would take for its own.
    private readonly SemaphoreSlim _copying = new(UserId.Effective == 0 ? MaxCopying : 1);

    /// <summary>The plan of a sandbox whose root was copied; null when it was not.</summary>
    internal static SandboxPlan? Find(SandboxPlan plan) => (plan with { IsCopied = true }) is var copied && Directory.Exists(SandboxRoot.Upper(copied)) ? copied : null;

    /// <summary>Removes the copy: what it was made of is there still.</summary>
    internal static void Remove(SandboxPlan copied) => ChangesRemoval.Run(SandboxRoot.Upper(copied));

    /// <summary>Why no overlay can be mounted for a sandbox; null when one can as far as is known, or nothing can be in its place: a limit of the disk is held by the overlay.</summary>
    internal string? FaultOf(SandboxPlan plan) => plan.Limits.DiskBytes is null && _known.TryGetValue(DeviceOf(plan), out string? fault) ? fault : null;

    /// <summary>Whether a copy can be in the place of an overlay that was not mounted. Where others were, it is that one's fault alone.</summary>
    internal bool MayReplace(SandboxPlan plan) => plan.Limits.DiskBytes is null && !_known.ContainsKey(DeviceOf(plan));

    /// <summary>An overlay was mounted.</summary>
    internal void Prove(SandboxPlan plan)
    {
        if (plan.Limits.DiskBytes is null)
        {
            _known[DeviceOf(plan)] = null;
        }
    }

    /// <summary>None can be, and a copy was good in its place: it is copied from now on.</summary>
    internal void Learn(SandboxPlan plan, string fault)
    {
        _ = _known.TryAdd(DeviceOf(plan), fault);
        try
        {
            ChangesRemoval.Run(SandboxRoot.Upper(plan));
            ChangesRemoval.Run(SandboxRoot.Work(plan));
        }
        catch (LinuxException)
        {
            // Nobody looks there any more; it goes with the sandbox.
        }
    }

    /// <summary>What was probed, with what is known here.</summary>
    internal EngineFinding Finding(EngineFinding probed)
    {
        if (probed.Name != EngineProbe.OverlayName || _known.Values.FirstOrDefault(fault => fault is not null) is not { } fault)
        {
            return probed;
        }

        string quota = probed.Good ? "those with limits.disk_bytes have overlays in memory" : $"limits.disk_bytes is refused ({probed.What})";
        return probed with
        {
            Good = false, Remedy = "a state directory on a file system that overlays can lie on (ext4, xfs, btrfs; not an overlay as in a container, NFS or ramfs), the module overlay, and for a service that is not root's kernel 5.11",
            What = $"images are copied for each session, since no overlay can be mounted ({fault}): each takes the time of the copy, and its image's size on disk where the file system cannot share blocks; {quota}",
        };
    }

    /// <summary>Copies what a sandbox's overlay would show.</summary>
    /// <returns>The plan for the copy.</returns>
    /// <exception cref="SandboxException">It cannot be copied; nothing of it stays behind.</exception>
    internal async Task<SandboxPlan> MakeAsync(SandboxPlan plan, CancellationToken cancellation)
    {
        await _copying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await Task.Run(() => Make(plan, cancellation), CancellationToken.None).ConfigureAwait(false);
            return plan with { IsCopied = true };
        }
        catch (Exception e) when (StateFault.Is(e))
        {
            throw StateFault.Of(e);
        }
        finally
        {
            _copying.Release();
        }
    }

    public void Dispose() => _copying.Dispose();

    private static void Make(SandboxPlan plan, CancellationToken cancellation)
    {
        string unfinished = Path.Combine(plan.ChangesDirectory, Unfinished);
        ChangesRemoval.Run(unfinished);
        try
        {
            SandboxRoot.Prepare(plan, SandboxIds.OnDisk);
            using (var root = Open(Directory.CreateDirectory(unfinished).FullName))
            {
                var copy = new TreeCopy(MaxEntries, MaxBytes, cancellation);
                // The lowest first; what was changed comes over all of them.
                foreach (string layer in plan.Layers.Reverse().Append(SandboxRoot.Upper(plan)))
                {
                    using var from = Open(layer);
                    Check(copy.RunOver(from, root, keepsMarks: false));
                }
            }

            Directory.Move(unfinished, SandboxRoot.Upper(plan with { IsCopied = true }));
        }
        catch
        {
            ChangesRemoval.Run(unfinished);
            throw;
        }
    }

    private static FileDescriptor Open(string path)
    {
        using var place = BeneathRoot.Open(path);
        int opened = place.TryOpenDirectory("."u8, out _);
        Check(Math.Min(opened, 0));
        return new FileDescriptor(opened);
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw result switch
            {
                -Errno.ENOSPC or -Errno.EDQUOT or -Errno.EMFILE or -Errno.ENFILE => StateFault.Of(new LinuxException(result, "copy")),
                TreeCopy.TooLarge => Unavailable($"it has more than {MaxEntries} files or {MaxBytes} bytes"),
                TreeCopy.Redirected => Unavailable("what was changed of it was moved in a way that only its overlay understands"),
                _ => Unavailable(Errno.Name(result)),
            };
        }
    }

    private static SandboxException Unavailable(string why) => new(
        ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"no overlay can be mounted for the image, and it cannot be copied in the place of one: {why}; sandbox.doctor says what this machine lacks");

    private static ulong DeviceOf(SandboxPlan plan) => FileStatus.TryGetNoFollow(plan.ChangesDirectory, out var status) < 0 ? 0 : status.Device;
}
