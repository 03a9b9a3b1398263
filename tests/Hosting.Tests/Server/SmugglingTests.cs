using Strata.Linux;

namespace Strata.Hosting.Tests.Server;

public sealed class SmugglingTests
{
    private const int Each = 16;

    [Fact]
    public async Task Descriptors_sent_along_with_requests_are_kept_by_nobody_and_the_requests_are_answered()
    {
        await using var server = new TestServer();
        using var pipe = Pipe.Create(nonBlockingReader: true);
        using var client = UnixSocket.Connect(server.Path, nonBlocking: false);
        int[] smuggled = [.. Enumerable.Repeat(pipe.Writer.Number, Each)];
        var request = RawClient.Request("test.echo", "s", """{"text":"x","repeat":1}""");

        // With the head of a frame, with its rest, and with a whole one.
        Assert.Equal(3, DescriptorPassing.TrySend(client.Number, request.AsSpan(0, 3), smuggled));
        Assert.Equal(request.Length - 3, DescriptorPassing.TrySend(client.Number, request.AsSpan(3), smuggled));
        Assert.Equal(request.Length, DescriptorPassing.TrySend(client.Number, request, smuggled));
        pipe.Writer.Dispose();
        await AnswersAsync(client, 2);

        // Nobody has the pipe's other end any more: it has come to its end.
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, new byte[1]) == 0);
        using var other = server.Connect();
        Assert.Equal("still here", other.Echo("still here"));
    }

    private static async Task AnswersAsync(FileDescriptor client, int count)
    {
        var received = new byte[4096];
        var filled = 0;
        Assert.Equal(0, Descriptors.TrySetNonBlocking(client.Number, true));
        await Patience.UntilAsync(() =>
        {
            var read = UnixSocket.TryReceive(client.Number, received.AsSpan(filled));
            filled += Math.Max(read, 0);
            return received.AsSpan(0, filled).Count("\"ok\":true"u8) == count;
        });
    }
}
