using System.Diagnostics;
using System.Text.RegularExpressions;
using Strata.Tests;

namespace Strata.Sandbox.Tests;

/// <summary>A real registry on loopback, with a real tool to fill it.</summary>
internal sealed partial class Registry : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Process _process;

    private Registry(Func<Registry, Process> start) => _process = start(this);

    public string Host { get; private set; } = "";

    public static async Task<Registry> StartAsync()
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var registry = new Registry(own => own.Start(address));
        registry.Host = await address.Task.Soon();
        return registry;
    }

    /// <summary>Pushes an image of a layout.</summary>
    public async Task PushAsync(OciLayoutMaker layout, string index, string name, params string[] further)
    {
        var place = _directory["layout-" + Guid.NewGuid().ToString("N")];
        layout.WriteTo(place, index);
        await RunAsync("skopeo", ["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", .. further, "oci:" + place, $"docker://{Host}/{name}"]);
    }

    public static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync().Soon();
        await process.WaitForExitAsync().Soon();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {said}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private Process Start(TaskCompletionSource<string> address)
    {
        foreach (var program in new[] { "docker-registry", "skopeo" })
        {
            Assert.True(File.Exists("/usr/bin/" + program), $"{program} is missing; run: apt-get install docker-registry skopeo");
        }

        File.WriteAllText(_directory["config.yml"], $"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {_directory["data"]}\nhttp:\n  addr: 127.0.0.1:0\n");
        var process = new Process { StartInfo = new ProcessStartInfo("docker-registry", ["serve", _directory["config.yml"]]) { RedirectStandardError = true, RedirectStandardOutput = true } };
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;

        void Look(string? line)
        {
            if (line is not null && Listening().Match(line) is { Success: true } match)
            {
                address.TrySetResult(match.Groups[1].Value);
            }
        }
    }

    [GeneratedRegex(@"listening on (127\.0\.0\.1:[0-9]+)")]
    private static partial Regex Listening();
}
