using System.Net.Sockets;
using System.Text;
using Strata.Linux.Tests.Processes;

namespace Strata.Linux.Tests.Notify;

[Collection(nameof(ProcessWideState))]
public sealed class NotifySocketTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly NotifySocket _socket;

    public NotifySocketTests() => _socket = NotifySocket.Bind(_temp["notify"]);

    public void Dispose()
    {
        _socket.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_message_arrives_with_its_sender()
    {
        Assert.Equal(-Errno.EAGAIN, _socket.TryReceive(out _));
        SdNotify.SendTo(_socket.Path, "READY=1\nSTATUS=serving\nMAINPID=1\nX=Y");
        NotifyMessage message = Receive();
        Assert.Equal((true, false, false, "serving"), (message.Ready, message.Stopping, message.Watchdog, message.Status));
        Assert.Equal(Environment.ProcessId, message.Sender.Pid);
    }

    [Fact]
    public void A_childs_message_names_the_child_even_after_it_has_ended()
    {
        using var spawner = new SpawnThread();
        using ChildProcess child = spawner.Spawn(HelperProgram.Request("notify", 2, $"{SdNotify.Variable}={_socket.Path}"));
        Assert.Equal(0, Await.Exit(child).Code);
        NotifyMessage message = Receive();
        Assert.Equal((child.Pid, true, "from the child"), (message.Sender.Pid, message.Ready, message.Status));
    }

    [Fact]
    public void The_socket_is_private_and_close_on_exec()
    {
        Assert.Equal(0, FileStatus.TryGetNoFollow(_socket.Path, out FileStatus status));
        Assert.Equal(0x180, status.Mode);
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(_socket.Handle.Number));
    }

    [Fact]
    public void The_longest_message_is_taken_and_one_byte_more_is_dropped()
    {
        string longest = "WATCHDOG=1\nX=" + new string('x', NotifySocket.MaxMessageBytes - 13);
        SdNotify.SendTo(_socket.Path, longest);
        Assert.True(Receive().Watchdog);
        SdNotify.SendTo(_socket.Path, longest + "x");
        Assert.Equal(1, _socket.TryReceive(out NotifyMessage? dropped));
        Assert.Null(dropped);
        Assert.Equal(1, _socket.DroppedMessages);
        SdNotify.SendTo(_socket.Path, "STOPPING=1");
        Assert.True(Receive().Stopping);
    }

    [Fact]
    public async Task Descriptors_that_come_along_are_closed()
    {
        using var pipe = Pipe.Create();
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_socket.Path));
        Assert.Equal(7, DescriptorPassing.TrySend((int)client.Handle, "READY=1"u8, [pipe.Writer.Number]));
        pipe.Writer.Dispose();
        Assert.True(Receive().Ready);
        // A process that another test is about to start may have a writer for a moment.
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, new byte[1]) == 0);
    }

    [Theory]
    [InlineData("READY=0")]
    [InlineData("READY=11")]
    [InlineData(" READY=1")]
    [InlineData("ready=1")]
    [InlineData("")]
    [InlineData("\n\n")]
    public void Only_the_exact_assignment_counts(string text) => Assert.False(Parse(text).Ready);

    [Fact]
    public void A_status_cannot_forge_log_lines_and_is_cut_at_its_limit()
    {
        Assert.Equal("a  [31mred b", Parse("STATUS=a\r\u001b[31mred\u2028b").Status);
        Assert.Equal(NotifyMessage.MaxStatusChars, Parse("STATUS=" + new string('s', NotifyMessage.MaxStatusChars)).Status!.Length);
        Assert.Equal(NotifyMessage.MaxStatusChars, Parse("STATUS=" + new string('s', NotifyMessage.MaxStatusChars + 1)).Status!.Length);
        Assert.Equal(NotifyMessage.MaxStatusChars - 1, Parse("STATUS=" + new string('s', NotifyMessage.MaxStatusChars - 1) + "😀").Status!.Length);
        Assert.Equal("\ufffd", NotifyMessage.Parse([.. "STATUS="u8, 0xff], default).Status);
    }

    [Fact]
    public void Random_bytes_never_break_the_parser()
    {
        var random = new Random(4711);
        byte[] seed = Encoding.UTF8.GetBytes("READY=1\nSTATUS=ok\nWATCHDOG=1\n");
        for (int i = 0; i < 5000; i++)
        {
            byte[] mutated = [.. seed];
            for (int change = 0; change < 4; change++)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            NotifyMessage message = NotifyMessage.Parse(mutated.AsSpan(0, random.Next(mutated.Length + 1)), default);
            Assert.DoesNotContain(message.Status ?? "", char.IsControl);
        }
    }

    [Fact]
    public void Without_the_variable_nothing_is_sent() => Assert.False(SdNotify.Send("READY=1"));

    [Fact]
    public void An_abstract_name_is_reached()
    {
        string name = $"strata-test-{Environment.ProcessId}";
        using var server = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint("\0" + name));
        SdNotify.SendTo("@" + name, "READY=1");
        byte[] buffer = new byte[16];
        Assert.Equal(7, server.Receive(buffer));
    }

    [Fact]
    public void Nobody_listening_is_an_error_that_names_the_socket()
    {
        var error = Assert.Throws<LinuxException>(() => SdNotify.SendTo(_temp["none"], "READY=1"));
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Contains("none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Descriptors_to_be_stored_come_with_their_name_and_belong_to_the_receiver()
    {
        using var pipe = Pipe.Create();
        SdNotify.SendTo(_socket.Path, "FDSTORE=1\nFDNAME=work", [pipe.Writer.Number, pipe.Reader.Number]);
        using (NotifyMessage message = Receive())
        {
            Assert.Equal((true, false, "work", 2), (message.Stores, message.Forgets, message.Name, message.Descriptors.Count));
            Assert.All(message.Descriptors, descriptor => Assert.Equal(1, Descriptors.TryGetCloseOnExec(descriptor.Number)));
            Assert.Equal(1, Descriptors.TryWrite(message.Descriptors[0].Number, "x"u8));
            pipe.Writer.Dispose();
            Assert.Equal(1, Descriptors.TryRead(pipe.Reader.Number, new byte[1]));
        }

        // A process that another test is about to start may have a writer for a moment.
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, new byte[1]) == 0);
    }

    [Fact]
    public void So_many_descriptors_are_taken_at_once_and_no_more()
    {
        using var pipe = Pipe.Create();
        int[] most = [.. Enumerable.Repeat(pipe.Writer.Number, NotifySocket.MaxDescriptors)];
        SdNotify.SendTo(_socket.Path, "FDSTORE=1", most);
        using NotifyMessage message = Receive();
        Assert.Equal(NotifySocket.MaxDescriptors, message.Descriptors.Count);
        Assert.Throws<LinuxException>(() => SdNotify.SendTo(_socket.Path, "FDSTORE=1", [.. most, pipe.Writer.Number]));

        // A sender that does not keep to it loses those beyond.
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_socket.Path));
        Assert.Equal(9, DescriptorPassing.TrySend((int)client.Handle, "FDSTORE=1"u8, [.. most, pipe.Writer.Number]));
        using NotifyMessage cut = Receive();
        Assert.Equal(NotifySocket.MaxDescriptors, cut.Descriptors.Count);
    }

    [Theory]
    [InlineData("", "stored")]
    [InlineData("a b", "stored")]
    [InlineData("a:b", "stored")]
    [InlineData("žluť", "stored")]
    [InlineData("work-1", "work-1")]
    public void A_name_that_could_not_be_handed_on_is_replaced(string given, string kept) =>
        Assert.Equal(kept, Parse($"FDSTOREREMOVE=1\nFDNAME={given}").Name);

    [Fact]
    public void The_longest_name_is_kept_and_one_character_more_is_not()
    {
        var longest = new string('n', NotifyMessage.MaxNameChars);
        Assert.Equal(longest, Parse($"FDNAME={longest}").Name);
        Assert.Equal(NotifyMessage.NoName, Parse($"FDNAME={longest}n").Name);
    }

    private static NotifyMessage Parse(string text) => NotifyMessage.Parse(Encoding.UTF8.GetBytes(text), default);

    private NotifyMessage Receive()
    {
        Assert.Equal(1, _socket.TryReceive(out NotifyMessage? message));
        Assert.NotNull(message);
        return message;
    }
}
