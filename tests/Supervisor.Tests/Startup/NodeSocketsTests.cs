using System.Globalization;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>Sockets as their manifests ask for them.</summary>
public sealed class NodeSocketsTests : IDisposable
{
    private readonly DirectoryInfo _dir = Directory.CreateTempSubdirectory("svt");

    public void Dispose() => _dir.Delete(recursive: true);

    [Fact]
    public void A_socket_has_the_mode_and_the_group_of_its_manifest()
    {
        // Only root may give a file to a group it is not in; our own group can be given always.
        var group = UserId.Effective == 0 ? 1u : Native.EffectiveGroup();
        using var sockets = Bind(new SocketPolicy { Mode = 0x1A0, Group = group.ToString(CultureInfo.InvariantCulture) });

        Assert.Equal(0, FileStatus.TryGetNoFollow(Path.Combine(_dir.FullName, "a.sock"), out var status));
        Assert.Equal((FileKind.Socket, 0x1A0, group), (status.Kind, status.Mode, status.Gid));
    }

    [Fact]
    public void No_more_connections_wait_than_the_backlog_says()
    {
        using var sockets = Bind(new SocketPolicy { Backlog = 1 });
        var address = UnixSocketAddress.Of(Path.Combine(_dir.FullName, "a.sock"));
        var waiting = new List<FileDescriptor>();
        try
        {
            var result = 0;
            while (result >= 0 && waiting.Count < 10)
            {
                waiting.Add(new FileDescriptor(UnixSocket.TryCreateStream()));
                result = UnixSocket.TryConnect(waiting[^1].Number, address);
            }

            // The kernel lets one more wait than it was told.
            Assert.Equal((-Errno.EAGAIN, 3), (result, waiting.Count));
        }
        finally
        {
            waiting.ForEach(w => w.Dispose());
        }
    }

    [Fact]
    public void A_service_without_a_socket_has_no_descriptor_and_no_path()
    {
        using var sockets = Bind(null);

        Assert.Empty(sockets.DescriptorsOf("a"));
        Assert.False(File.Exists(Path.Combine(_dir.FullName, "a.sock")));
    }

    [Fact]
    public void An_unknown_group_is_a_fault_of_its_field()
    {
        var fault = Assert.Single(NodeSockets.FaultsOf(Plan(new SocketPolicy { Group = "nobodys" }), new Accounts("", "root:x:0:\n")));

        Assert.Equal(("a", "socket.group"), (fault.Service, fault.Field));
        Assert.Contains("there is no group 'nobodys' in /etc/group", fault.Message, StringComparison.Ordinal);
        Assert.Empty(NodeSockets.FaultsOf(Plan(new SocketPolicy { Group = "root" }), new Accounts("", "root:x:0:\n")));
    }

    private NodeSockets Bind(SocketPolicy? socket) =>
        NodeSockets.Bind(NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? _dir.FullName : null), Plan(socket));

    private static NodePlan Plan(SocketPolicy? socket)
    {
        Assert.True(NodePlan.TryCreate([TestNode.Stub("a") with { Socket = socket }], out var plan, out _));
        return plan;
    }
}
