using System.Globalization;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>An empty /tmp of the calling thread's own, in a mount namespace of its own. Texts are prepared before the thread confines itself.</summary>
internal sealed unsafe class PrivateMounts : IDisposable
{
    /// <summary>The most that a private /tmp holds, in bytes.</summary>
    internal const int MaxBytes = 256 * 1024 * 1024;

    private const string Tmp = "/tmp";

    private readonly CStringArray _texts;
    private readonly int _kept;
    private readonly int[] _places;

    /// <param name="keptInTmp">Directories that stay visible; those not beneath /tmp need nothing.</param>
    internal PrivateMounts(IReadOnlyList<string> keptInTmp)
    {
        string[] kept = [.. keptInTmp.Select(Path.GetFullPath).Where(path => path.StartsWith(Tmp + "/", StringComparison.Ordinal)).Distinct()];
        string[][] parents = [.. kept.Select(path => Parents(path).ToArray())];
        _kept = kept.Length;
        _places = new int[_kept];
        Steps = [.. parents.Select(p => p.Length)];
        _texts = new CStringArray(
        [
            "/", Tmp, "tmpfs", string.Create(CultureInfo.InvariantCulture, $"mode=1777,size={MaxBytes}"), .. kept, .. parents.SelectMany(p => p),
        ]);
    }

    private int[] Steps { get; }

    internal byte* TmpPath => _texts.Pointer[1];

    /// <summary>Mounts. Nothing of it is seen outside the calling thread and its children.</summary>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    internal int Apply()
    {
        byte** text = _texts.Pointer;
        int result = Libc.Result(Libc.unshare(Libc.CLONE_NEWNS));
        result = result < 0 ? result : Libc.Result(Libc.mount(null, text[0], null, Libc.MS_REC | Libc.MS_PRIVATE, null));
        for (int i = 0; i < _kept && result >= 0; i++)
        {
            // Held open by descriptor: the name disappears under the new /tmp.
            result = _places[i] = Libc.Result(Libc.openat(Libc.AT_FDCWD, text[4 + i], Libc.O_PATH | Libc.O_CLOEXEC, 0));
        }

        result = result < 0 ? result : Libc.Result(Libc.mount(text[2], text[1], text[2], Libc.MS_NOSUID | Libc.MS_NODEV, text[3]));
        return result < 0 ? result : ShowKept(text);
    }

    public void Dispose() => _texts.Dispose();

    private int ShowKept(byte** text)
    {
        byte* source = stackalloc byte[32];
        int next = 4 + _kept;
        for (int i = 0; i < _kept; i++)
        {
            for (int step = 0; step < Steps[i]; step++)
            {
                _ = Libc.mkdirat(Libc.AT_FDCWD, text[next++], 0x1ED);
            }

            WriteDescriptorPath(source, _places[i]);
            int result = Libc.Result(Libc.mount(source, text[4 + i], null, Libc.MS_BIND | Libc.MS_REC, null));
            _ = Libc.close(_places[i]);
            if (result < 0)
            {
                return result;
            }
        }

        return 0;
    }

    private static void WriteDescriptorPath(byte* target, int descriptor)
    {
        var room = new Span<byte>(target, 32);
        "/proc/self/fd/"u8.CopyTo(room);
        descriptor.TryFormat(room[14..31], out int written, default, CultureInfo.InvariantCulture);
        target[14 + written] = 0;
    }

    /// <summary>The directories from below /tmp down to the path itself.</summary>
    private static IEnumerable<string> Parents(string path)
    {
        for (int slash = path.IndexOf('/', Tmp.Length + 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }

        yield return path;
    }
}
