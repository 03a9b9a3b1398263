using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Authorization;

public sealed class SupervisorPeerTests
{
    private const int Known = 4711;

    private static readonly uint Own = UserId.Effective;

    [Fact]
    public void A_process_of_another_user_that_was_given_the_dead_supervisors_number_is_not_the_supervisor()
    {
        var supervisor = new SupervisorPeer(Settings(Known));
        Assert.True(supervisor.Is(new Peer(Known, Own, Own)));
        Assert.False(supervisor.Is(new Peer(Known, Own + 1, Own)));
        Assert.True(supervisor.Is(new Peer(Known, 0, 0)));
    }

    [Fact]
    public void Another_process_of_the_same_user_is_not_the_supervisor() =>
        Assert.False(new SupervisorPeer(Settings(Known)).Is(new Peer(Known + 1, Own, Own)));

    [Fact]
    public void A_service_started_by_hand_has_none() => Assert.False(new SupervisorPeer(Settings(null)).Is(new Peer(0, Own, Own)));

    private static NodeSettings Settings(int? supervisor) => new() { RuntimeDir = "/nowhere", StateDir = "/nowhere/state", NodeId = "local-0", SupervisorPid = supervisor };
}
