using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The end of a process that is not our child, so that wait(2) tells us nothing.</summary>
internal static unsafe class AdoptedExit
{
    private const nuint GetInfo = 0xC040FF0B;
    private const ulong ExitKnown = 1 << 3;
    private const int SignalBits = 0x7f;
    private const int CoreBit = 0x80;

    /// <summary>Whether it has ended.</summary>
    internal static bool HasEnded(FileDescriptor handle)
    {
        var wanted = new Libc.PollRequest { Descriptor = handle.Number, Events = Libc.POLLIN };
        return Libc.poll(&wanted, 1, 0) == 1;
    }

    /// <summary>1 when it has ended, with whatever can be known of how; else 0.</summary>
    internal static int TryGet(FileDescriptor handle, int pid, out ProcessExit exit)
    {
        exit = default;
        if (!HasEnded(handle))
        {
            return 0;
        }

        // The kernel remembers once it was reaped (6.15); until then the zombie tells root. It may be reaped between the two questions, so the first is asked again.
        exit = Of(Remembered(handle) ?? OfZombie(pid) ?? Remembered(handle));
        return 1;
    }

    internal static ProcessExit Of(int? waitStatus) => waitStatus is not { } status ? new ProcessExit(null, null, false)
        : (status & SignalBits) == 0 ? new ProcessExit((status >> 8) & byte.MaxValue, null, false)
        : new ProcessExit(null, status & SignalBits, (status & CoreBit) != 0);

    private static int? Remembered(FileDescriptor handle)
    {
        var info = new Libc.PidInfo { Mask = ExitKnown };
        return Libc.ioctl(handle.Number, GetInfo, &info) == 0 && (info.Mask & ExitKnown) != 0 ? info.WaitStatus : null;
    }

    // The pidfd said that it has ended: a process of this number that is a zombie is it, for the number is free only once that is reaped. To others than root the status is shown as 0.
    private static int? OfZombie(int pid) => UserId.Effective == 0 && ProcessStat.Of(pid) is { IsZombie: true } stat ? stat.WaitStatus : null;
}
