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

    private static readonly byte[] SmallBytes = new byte[4096];
    private static readonly string Small = Convert.ToBase64String(SmallBytes);

    private readonly Figures _figures = new();
    private readonly Service _service;
    private readonly Runc? _runc;
    private readonly string _plain;

    private ServiceFigures(Service service, Runc? runc) => (_service, _runc, _plain) = (service, runc, service.Scratch("plain"));

    internal static async Task RunAsync(int rounds)
    {
        await using var service = await Service.StartAsync();
        using var runc = Runc.TryStart(service.Scratch("runc"));
        await new ServiceFigures(service, runc).MeasureAsync(rounds);
    }

    private async Task MeasureAsync(int rounds)
    {
        Call("create", "{" + Session + "}");
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
            Life(i);
        }

        Print();
    }

    private async Task CommandsAsync(int round)
    {
        _figures.Time(round, "posix_spawn", () => PlainSpawn.Run("/bin/true"));
        _figures.Time(round, "ping", () => Call("jobs", "{" + Session + "}"));
        _figures.Time(round, "builtin", () => Call("exec", "{" + Session + ",\"command\":\":\"}"));
        await _figures.TimeAsync(round, "builtin-client", () => CallAsync("exec", "{" + Session + ",\"command\":\":\"}"));
        _figures.Time(round, "program", () => Call("exec", "{" + Session + ",\"command\":\"/bin/true\"}"));
        _figures.Time(round, "stateless", () => Call("exec", "{" + Session + ",\"argv\":[\"/bin/true\"]}"));
        _figures.Time(round, "write-4k", () => Call("write", "{" + Session + ",\"path\":\"/workspace/small\",\"data_b64\":\"" + Small + "\"}"));
        _figures.Time(round, "write-4k-plain", () => File.WriteAllBytes(Path.Combine(_plain, "small"), SmallBytes));
        _figures.Time(round, "read-4k", () => Call("read", "{" + Session + ",\"path\":\"/workspace/small\"}"));
        _figures.Time(round, "read-4k-plain", () => File.ReadAllBytes(Path.Combine(_plain, "small")));
    }

    private async Task BulkAsync(int round)
    {
        _figures.Time(round, "pipe", () => PlainSpawn.Run("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"head -c {StreamBytes} /dev/zero | cat >/dev/null")));
        await _figures.TimeAsync(round, "stream", () => StreamAsync("exec", string.Create(CultureInfo.InvariantCulture, $"{{{Session},\"argv\":[\"head\",\"-c\",\"{StreamBytes}\",\"/dev/zero\"]}}")));
        await _figures.TimeAsync(round, "upload-64m", UploadAsync);
        _figures.Time(round, "write-64m-plain", WriteLarge);
        await _figures.TimeAsync(round, "download-64m", () => StreamAsync("download", "{" + Session + ",\"path\":\"/workspace/large\"}"));
        _figures.Time(round, "read-64m-plain", ReadLarge);
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

    private void WriteLarge()
    {
        using var file = File.Create(Path.Combine(_plain, "large"));
        var piece = new byte[PieceBytes];
        for (var at = 0; at < FileBytes; at += PieceBytes)
        {
            file.Write(piece);
        }
    }

    private void ReadLarge()
    {
        using var file = File.OpenRead(Path.Combine(_plain, "large"));
        var piece = new byte[PieceBytes];
        while (file.Read(piece) > 0)
        {
        }
    }

    private void Life(int round)
    {
        _figures.Time(round, "bwrap", () => PlainSpawn.Run("/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"));
        _figures.Time(round, "create", () => Call("create", "{\"session\":\"other\"}"));
        _figures.Time(round, "first-command", () => Call("exec", "{\"session\":\"other\",\"command\":\"echo 1\"}"));
        _figures.Time(round, "close", () => Call("close", "{\"session\":\"other\"}"));
        _figures.Time(round, "first-output", () =>
        {
            Call("create", "{\"session\":\"other\"}");
            Call("exec", "{\"session\":\"other\",\"argv\":[\"/bin/echo\",\"1\"]}");
        });
        Call("close", "{\"session\":\"other\"}");
        if (_runc is not null)
        {
            _figures.Time(round, "runc run", _runc.Run);
            _figures.Time(round, "runc exec", _runc.Exec);
        }
    }

    private void Call(string method, string json) => _service.Plain.Call(method, json);

    private async Task<RpcResponse> CallAsync(string method, string json)
    {
        var response = await _service.Client.SendAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = _service.Token });
        return response.Error is null ? response : throw new InvalidOperationException(response.Error.ToString());
    }

    private async Task StreamAsync(string method, string json)
    {
        await foreach (var item in _service.Client.StreamAsync(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = _service.Token }))
        {
            if (item.Error is not null)
            {
                throw new InvalidOperationException(item.Error.ToString());
            }
        }
    }

    private double Ratio(string what, string of) => _figures.Median(what) / _figures.Median(of);

    private void Print()
    {
        _figures.Print();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            command in the session's shell p50 {_figures.Median("builtin"):f2} ms (at most 0.5), {Ratio("builtin", "ping"):f1} times a call that does nothing; through the client library {_figures.Median("builtin-client"):f2} ms
            stateless {Ratio("stateless", "posix_spawn"):f2} times posix_spawn (at most 3)
            output {StreamBytes / 1e3 / _figures.Median("stream"):f0} MB/s (at least 500), {Ratio("stream", "pipe"):f1} times the time of a pipe
            upload of 64 MiB {FileBytes / 1e3 / _figures.Median("upload-64m"):f0} MB/s, {Ratio("upload-64m", "write-64m-plain"):f1} times plain writing; download {FileBytes / 1e3 / _figures.Median("download-64m"):f0} MB/s, {Ratio("download-64m", "read-64m-plain"):f1} times plain reading
            write of 4 KiB {Ratio("write-4k", "write-4k-plain"):f1} times plain, read {Ratio("read-4k", "read-4k-plain"):f1} times
            create {Ratio("create", "bwrap"):f2} times bare bwrap (at most 3); close p50 {_figures.Median("close"):f2} ms (at most 10)
            {(_runc is null ? "runc is not installed, or this is not root" : $"create to first output {Ratio("first-output", "runc run"):f2} times runc run, stateless {Ratio("stateless", "runc exec"):f2} times runc exec")}
            {File.ReadAllText("/proc/loadavg").Split(' ')[0]} processes wanted to run (load average, 1 minute) on {Environment.ProcessorCount} processors
            """));
    }
}
