using System.Text;
using System.Text.Json;
using Strata.StrataCtl.Compat;

namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>What one run of the program in this process gave.</summary>
internal sealed record CtlRun(int Code, byte[] Bytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Bytes);

    public static Task<CtlRun> Of(FakeNode node, params string[] args) => Of(node, new(), args);

    public static async Task<CtlRun> Of(FakeNode node, CtlSettings settings, params string[] args)
    {
        var output = settings.Output ?? new MemoryStream();
        using var error = new StringWriter();
        var around = new Surroundings
        {
            Stdout = output,
            Stderr = error,
            Stdin = new MemoryStream(Encoding.UTF8.GetBytes(settings.Input)),
            Variable = name => name == "STRATA_RUNTIME_DIR" ? node.Directory : settings.Variables.GetValueOrDefault(name),
            StdoutIsTerminal = settings.Terminal,
            StderrIsTerminal = settings.Terminal,
            HostRoot = settings.HostRoot,
        };
        var code = CompatArguments.Recognise(args) is { } compat
            ? await Task.Run(() => CompatCall.Run(compat, around))
            : await CommandLineProgram.DispatchAsync(args, around, settings.Cancellation);
        return new CtlRun(code, output.ToArray(), error.ToString());
    }
}
