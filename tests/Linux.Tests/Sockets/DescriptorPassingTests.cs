namespace Strata.Linux.Tests.Sockets;

public sealed class DescriptorPassingTests : IDisposable
{
    private readonly FileDescriptor _first;
    private readonly FileDescriptor _second;

    public DescriptorPassingTests() => (_first, _second) = UnixSocket.Pair();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void A_passed_descriptor_is_the_same_open_file_and_close_on_exec()
    {
        using var pipe = Pipe.Create();
        Assert.Equal(1, DescriptorPassing.TrySend(_first.Number, "x"u8, [pipe.Writer.Number]));
        Span<int> descriptors = stackalloc int[1];
        Assert.Equal(1, DescriptorPassing.TryReceive(_second.Number, new byte[8], descriptors, out int received, out int surplus));
        Assert.Equal((1, 0), (received, surplus));
        using var passed = new FileDescriptor(descriptors[0]);
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(passed.Number));
        Descriptors.TryWrite(passed.Number, "y"u8);
        Assert.Equal(1, Descriptors.TryRead(pipe.Reader.Number, new byte[8]));
    }

    [Fact]
    public async Task Surplus_descriptors_are_closed()
    {
        using var pipe = Pipe.Create();
        int writer = pipe.Writer.Number;
        Assert.Equal(1, DescriptorPassing.TrySend(_first.Number, "x"u8, [writer, writer, writer]));
        pipe.Writer.Dispose();
        int[] descriptors = new int[1];
        DescriptorPassing.TryReceive(_second.Number, new byte[8], descriptors, out int received, out int surplus);
        Assert.Equal((1, 2), (received, surplus));
        Assert.Equal(-Errno.EAGAIN, Descriptors.TryRead(pipe.Reader.Number, new byte[1]));
        Descriptors.TryClose(descriptors[0]);
        // The end shows that no writer is left: the surplus is really closed. A process that another test is about to start may have one for a moment.
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, new byte[1]) == 0);
    }

    [Fact]
    public void The_most_descriptors_pass_and_one_more_is_refused()
    {
        using var wake = new EventFd();
        int[] many = [.. Enumerable.Repeat(wake.Handle.Number, DescriptorPassing.MaxDescriptors + 1)];
        Assert.Equal(-Errno.EINVAL, DescriptorPassing.TrySend(_first.Number, "x"u8, many));
        Assert.Equal(1, DescriptorPassing.TrySend(_first.Number, "x"u8, many.AsSpan(1)));
        DescriptorPassing.TryReceive(_second.Number, new byte[8], [], out int received, out int surplus);
        Assert.Equal((0, DescriptorPassing.MaxDescriptors), (received, surplus));
    }

    [Fact]
    public void Plain_bytes_pass_too_and_no_bytes_are_refused()
    {
        Assert.Equal(-Errno.EINVAL, DescriptorPassing.TrySend(_first.Number, [], [_first.Number]));
        Assert.Equal(3, DescriptorPassing.TrySend(_first.Number, "abc"u8, []));
        Assert.Equal(3, DescriptorPassing.TryReceive(_second.Number, new byte[8], [], out int received, out _));
        Assert.Equal(0, received);
    }
}
