using System.Net.Sockets;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A live sandbox: namespaces, a root of its own, limits. Disposal ends every process in it and leaves nothing mounted.</summary>
internal interface ISandbox : IAsyncDisposable
{
    /// <summary>What it was made from.</summary>
    SandboxPlan Plan { get; }

    /// <summary>The first process of its pid namespace, as the host numbers it.</summary>
    int InitPid { get; }

    /// <summary>What enforces each limit, for example <c>cgroup2</c>, <c>cgroup1</c> or <c>rlimit</c>.</summary>
    string EnforcedBy { get; }

    /// <summary>Whom a user inside is on the host: whoever works on its files from outside does so as that user (<see cref="ThreadUser"/>).</summary>
    uint HostUser(int user) => SandboxIds.OnDisk.OnHost(user);

    /// <summary>Its root directory, a descriptor to resolve paths beneath (openat2 with RESOLVE_IN_ROOT).</summary>
    FileDescriptor Root { get; }

    /// <summary>
    /// Opens the directory in which what is changed lies, when that is not <c>upper</c> in <see cref="SandboxPlan.ChangesDirectory"/> alone: then that lies beneath it, and a character
    /// device in it says that a name is gone. Null when it is.
    /// </summary>
    FileDescriptor? OpenUpper() => null;

    /// <summary>Opens the directory in which the service and the shells inside meet; null when there is none. It ends with the sandbox, and so does all in it.</summary>
    FileDescriptor? OpenChannel() => null;

    /// <summary>Completes when the sandbox has ended, also when nobody asked for it.</summary>
    Task Ended { get; }

    /// <summary>Starts a process in it: all its namespaces, its user, no capabilities, no_new_privs, the seccomp filter.</summary>
    /// <exception cref="LinuxException">ENOENT, EACCES, ... of the program, looked up inside.</exception>
    /// <exception cref="SandboxException">The sandbox has ended, or is paused.</exception>
    Task<SandboxedProcess> StartAsync(SandboxedStart start, CancellationToken cancellation);

    /// <summary>A new terminal of the sandbox's own devpts.</summary>
    SandboxTerminal OpenTerminal(int rows, int columns);

    /// <summary>Listens on a port of its loopback, for those inside to connect to; the service itself stays where it is.</summary>
    /// <exception cref="SandboxException">The sandbox has ended, or the engine has no way into its network.</exception>
    /// <exception cref="SocketException">Somebody listens there already.</exception>
    Task<Socket> ListenAsync(int port) => throw NoWayIn();

    /// <summary>Connects to a port of its loopback. What is connected lasts until it is closed, whatever becomes of the sandbox.</summary>
    /// <exception cref="SandboxException">As for <see cref="ListenAsync"/>.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    Task<Socket> ConnectAsync(int port, CancellationToken cancellation) => throw NoWayIn();

    /// <summary>A socket for the devices, addresses and routes of its network, held to what the service itself may.</summary>
    /// <exception cref="SandboxException">As for <see cref="ListenAsync"/>.</exception>
    Task<NetlinkSocket> EnterNetworkAsync() => throw NoWayIn();

    private static SandboxException NoWayIn() =>
        new(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, "this engine has no way into the network of its sandboxes; sandbox.doctor names it");

    /// <summary>Ends every process in it, also when it is frozen. What is held open, <see cref="Root"/> above all, stays until disposal, so that nobody who works with it meets another's.</summary>
    void Kill();

    /// <summary>Stops every process in it where it is.</summary>
    Task FreezeAsync();

    /// <summary>Lets them go on.</summary>
    Task ThawAsync();

    /// <summary>What it uses now.</summary>
    SandboxUsage Usage();
}
