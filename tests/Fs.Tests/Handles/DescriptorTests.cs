using System.Text;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>The descriptor itself comes after authorization, to whom the right names, and to nobody else.</summary>
public sealed class DescriptorTests
{
    private const string Read = """{"path":"file","fd":true}""";

    [Fact]
    public async Task The_descriptor_comes_with_the_answer_and_stays_good_after_a_revocation()
    {
        await using var node = new FsNode();
        node.Write("file", "content"u8);
        var capability = node.Grant();
        using var client = node.ConnectRaw();
        client.Send("fs.open", Read, capability.Token);
        Assert.Contains("\"result\":{\"handle\":\"\",\"fd\":true}", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, node.Service.Handles.Count);
        node.Revoke(capability);
        using var file = Assert.Single(client.Descriptors);
        Assert.Equal("content", Content(file));
        Assert.True(FileContent.TryWrite(file.Number, "x"u8, 0) < 0);
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(file.Number));
        client.Send("fs.open", Read, capability.Token);
        Assert.Contains("revoked", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Single(client.Descriptors);
        Assert.Contains(await node.AuditAsync(), r => r.GetProperty("event").GetString() == "fs.open_fd");
    }

    [Theory]
    [InlineData("fs.open_fd", """{"path":"file","fd":true}""", "right_missing")]
    [InlineData("fs.open", """{"path":"file","fd":true}""", "right_missing")]
    [InlineData("fs.write", """{"path":"file","fd":true,"mode":"w"}""", "right_missing")]
    [InlineData("fs.truncate", """{"path":"file","fd":true,"mode":"rw"}""", "right_missing")]
    [InlineData(null, """{"path":"../outside/secret","fd":true}""", "path_outside_prefix")]
    [InlineData(null, """{"path":"door","fd":true}""", "path_outside_prefix")]
    [InlineData(null, """{"path":"none","fd":true}""", "not_found")]
    [InlineData(null, """{"path":".","fd":true}""", "is_directory")]
    [InlineData(null, """{"path":"fifo","fd":true}""", "not_regular_file")]
    public async Task Whatever_is_refused_comes_without_one(string? without, string json, string reason)
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        File.WriteAllText(Path.Combine(node.Outside, "secret"), "secret");
        File.CreateSymbolicLink(node["door"], Path.Combine(node.Outside, "secret"));
        Native.MakeFifo(node["fifo"]);
        using var client = node.ConnectRaw();
        client.Send("fs.open", json, node.Grant(rights: [.. FsNode.AllRights.Where(r => r != without)]).Token);
        Assert.Contains($"\"reason\":\"{reason}\"", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Empty(client.Descriptors);
    }

    [Fact]
    public async Task A_capability_that_limits_bytes_gets_none()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        using var client = node.ConnectRaw();
        client.Send("fs.open", Read, node.Grant(constraints: new CapabilityConstraints { MaxBytes = 10 }).Token);
        Assert.Contains("descriptor_refused", await client.ReceiveAsync(), StringComparison.Ordinal);
        var quota = node.Grant(constraints: new CapabilityConstraints { QuotaBytes = 10 });
        client.Send("fs.open", """{"path":"file","fd":true,"mode":"w"}""", quota.Token);
        Assert.Contains("descriptor_refused", await client.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Empty(client.Descriptors);
        client.Send("fs.open", Read, quota.Token);
        Assert.Contains("\"fd\":true", await client.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_of_many_at_once_belongs_to_the_answer_that_announces_it_next()
    {
        await using var node = new FsNode();
        for (var i = 0; i < 100; i++)
        {
            node.Write($"{i}", Encoding.ASCII.GetBytes($"{i}"));
        }

        using var client = node.ConnectRaw();
        var token = node.Grant().Token;
        for (var i = 0; i < 100; i += 5)
        {
            for (var j = i; j < i + 5; j++)
            {
                client.Send("fs.open", $$"""{"path":"{{j}}"{{(j % 3 == 0 ? "" : ",\"fd\":true")}}}""", token, $"{j}");
            }

            for (var j = i; j < i + 5; j++)
            {
                var answer = System.Text.Json.JsonDocument.Parse(await client.ReceiveAsync()).RootElement;
                if (!answer.GetProperty("result").TryGetProperty("fd", out _))
                {
                    continue;
                }

                using var file = client.Descriptors.Dequeue();
                Assert.Equal(answer.GetProperty("req_id").GetString(), Content(file));
            }
        }

        Assert.Empty(client.Descriptors);
    }

    [Fact]
    public async Task A_client_that_leaves_without_reading_leaves_none_behind()
    {
        await using var node = new FsNode();
        node.Write("file", new byte[1]);
        using (var client = node.ConnectRaw())
        {
            for (var i = 0; i < 40; i++)
            {
                client.Send("fs.open", Read, node.Grant().Token, $"{i}");
            }

            await client.ReceiveAsync();
        }

        await Patience.UntilAsync(() => HeldOf(node["file"]) == 0);
        var other = await node.ConnectAsync();
        Assert.Equal(1, (await other.StatAsync("file")).Size);
    }

    /// <summary>How many descriptors of this process, which is the service's, are open on a file.</summary>
    private static int HeldOf(string path) => Directory.GetFiles("/proc/self/fd").Count(link =>
    {
        try
        {
            return new FileInfo(link).LinkTarget == path;
        }
        catch (IOException)
        {
            return false;
        }
    });

    private static string Content(FileDescriptor file)
    {
        var bytes = new byte[64];
        return Encoding.ASCII.GetString(bytes, 0, FileContent.TryRead(file.Number, bytes, 0));
    }
}
