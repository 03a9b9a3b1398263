using System.Diagnostics;
using System.Globalization;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Bench;

/// <summary>Times of the sandbox service over its socket, each beside what it is held to, in turns in one run.</summary>
internal sealed class ServiceFigures
{
    private const string Session = "\"session\":\"bench\"";
    private const int StreamBytes = 512 * 1024 * 1024;
    private const int FileBytes = 64 * 1024 * 1024;
    private const int PieceBytes = 512 * 1024;

    private readonly Figures _figures = new();
    private readonly string _directory;
    private readonly string _token;
    private readonly RpcClient _client;

    private ServiceFigures(string directory, string token, RpcClient client) => (_directory, _token, _client) = (directory, token, client);

    internal static async Task RunAsync(int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("strata-bench-");
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", directory.FullName]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var server = Process.Start(start)!;
        try
        {
            var token = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the service did not start");
            await using var client = await RpcClient.ConnectAsync(Path.Combine(directory.FullName, "sandbox.sock"));
            await new ServiceFigures(directory.FullName, token, client).MeasureAsync(rounds);
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
            directory.Delete(recursive: true);
        }
    }

    private async Task MeasureAsync(int rounds)
    {
        await CallAsync("create", "{" + Session + "}");
        for (var i = -rounds / 5; i < rounds; i++)
        {
            await CommandsAsync(i);
        }

        for (var i = -1; i < 5; i++)
        {
            await BulkAsync(i);
        }

        for (var i = -5; i < rounds / 10; i++)
        {
            await LifeAsync(i);
        }

        Print();
    }

    private async Task CommandsAsync(int round)
    {
        _figures.Time(round, "posix_spawn", () => PlainSpawn.Run("/bin/true"));
        await _figures.TimeAsync(round, "ping", () => CallAsync("jobs", "{" + Session + "}"));
        await _figures.TimeAsync(round, "builtin", () => CallAsync("exec", "{" + Session + ",\"command\":\":\"}"));
        await _figures.TimeAsync(round, "program", () => CallAsync("exec", "{" + Session + ",\"command\":\"/bin/true\"}"));
        await _figures.TimeAsync(round, "stateless", () => CallAsync("exec", "{" + Session + ",\"argv\":[\"/bin/true\"]}"));
        await _figures.TimeAsync(round, "write-4k", () => CallAsync("write", "{" + Session + ",\"path\":\"/workspace/small\",\"data_b64\":\"" + Small + "\"}"));
        await _figures.TimeAsync(round, "read-4k", () => CallAsync("read", "{" + Session + ",\"path\":\"/workspace/small\"}"));
    }

    private static readonly string Small = Convert.ToBase64String(new byte[4096]);

    private async Task BulkAsync(int round)
    {
        _figures.Time(round, "pipe", () => PlainSpawn.Run("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"head -c {StreamBytes} /dev/zero | cat >/dev/null")));
        await _figures.TimeAsync(round, "stream", () => StreamAsync("exec", string.Create(CultureInfo.InvariantCulture, $"{{{Session},\"argv\":[\"head\",\"-c\",\"{StreamBytes}\",\"/dev/zero\"]}}")));
        await _figures.TimeAsync(round, "upload-64m", UploadAsync);
        await _figures.TimeAsync(round, "download-64m", () => StreamAsync("download", "{" + Session + ",\"path\":\"/workspace/large\"}"));
    }

    private async Task UploadAsync()
    {
        var piece = Convert.ToBase64String(new byte[PieceBytes]);
        var begun = (await CallAsync("upload", "{" + Session + ",\"path\":\"/workspace/large\",\"replace\":true}")).Get(ContractsJson.Default.SandboxUploadBegun);
        for (var at = 0; at < FileBytes; at += PieceBytes)
        {
            await CallAsync("upload_write", string.Create(CultureInfo.InvariantCulture, $"{{\"handle\":\"{begun.Handle}\",\"offset\":{at},\"data_b64\":\"{piece}\"}}"));
        }

        await CallAsync("upload_commit", string.Create(CultureInfo.InvariantCulture, $"{{\"handle\":\"{begun.Handle}\",\"size\":{FileBytes}}}"));
    }

    private async Task LifeAsync(int round)
    {
        _figures.Time(round, "bwrap", () => PlainSpawn.Run("/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"));
        await _figures.TimeAsync(round, "create", () => CallAsync("create", "{\"session\":\"other\"}"));
        await _figures.TimeAsync(round, "close", () => CallAsync("close", "{\"session\":\"other\"}"));
    }

    private async Task<RpcResponse> CallAsync(string method, string json)
    {
        var response = await _client.SendAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = _token });
        if (response.Error is not null)
        {
            throw new InvalidOperationException(response.Error.ToString());
        }

        return response;
    }

    private async Task StreamAsync(string method, string json)
    {
        await foreach (var item in _client.StreamAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = _token }))
        {
            if (item.Error is not null)
            {
                throw new InvalidOperationException(item.Error.ToString());
            }
        }
    }

    private void Print()
    {
        _figures.Print();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            command in the session's shell p50 {_figures.Median("builtin"):f2} ms (at most 0.5), {_figures.Median("builtin") / _figures.Median("ping"):f1} times a call that does nothing
            stateless {_figures.Median("stateless") / _figures.Median("posix_spawn"):f2} times posix_spawn (at most 3)
            output {StreamBytes / 1e3 / _figures.Median("stream"):f0} MB/s (at least 500), {_figures.Median("stream") / _figures.Median("pipe"):f1} times the time of a pipe
            upload of 64 MiB {FileBytes / 1e3 / _figures.Median("upload-64m"):f0} MB/s, download {FileBytes / 1e3 / _figures.Median("download-64m"):f0} MB/s
            create {_figures.Median("create") / _figures.Median("bwrap"):f2} times bare bwrap (at most 3); close p50 {_figures.Median("close"):f2} ms (at most 10)
            {File.ReadAllText("/proc/loadavg").Split(' ')[0]} processes wanted to run (load average, 1 minute) on {Environment.ProcessorCount} processors
            """));
    }
}
