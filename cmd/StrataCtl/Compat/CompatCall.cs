using System.Text;
using System.Text.Json;
using Strata.Ipc;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Compat;

/// <summary>Makes the one call of the compatible form and prints the response envelope as the original does.</summary>
internal static class CompatCall
{
    private const int ReqIdBytes = 8;

    public static int Run(CompatArguments arguments, Surroundings around)
    {
        try
        {
            var request = Signed(ToRequest(arguments), around);
            var resolver = new SocketResolver(SocketResolver.RuntimeDirectory(null, around), text => around.Stderr.WriteLine($"[strata-ctl] {text}"));
            var socket = resolver.Resolve(SocketResolver.ServiceOf(request.Method, request.Params));
            // No time limit: the original waits for as long as the call takes.
            var payload = BlockingExchange.Send(socket, request);
            around.Stdout.Write(GoEnvelope.Render(payload, around.StdoutIsTerminal, out var ok));
            return ok ? ExitCode.Ok : ExitCode.Refused;
        }
        catch (Exception e) when (e is UsageException or IOException and not Output.BrokenPipeException or FormatException or JsonException or InvalidOperationException)
        {
            around.Stderr.WriteLine($"error: {Output.SafeText.Of(e.Message)}");
            return ExitCode.Refused;
        }
    }

    /// <summary>Signs for a token that is bound to a key, where the environment names one; the original's command line has no place for it.</summary>
    private static RpcRequest Signed(RpcRequest request, Surroundings around)
    {
        var keys = new HolderKeySource(null, around, text => around.Stderr.WriteLine($"[strata-ctl] {text}"));
        return keys.IsGiven && request.Token is { } token ? request with { Signer = keys.SignerFor(token) } : request;
    }

    private static RpcRequest ToRequest(CompatArguments arguments)
    {
        if (arguments.Fault is not null)
        {
            throw new FormatException(arguments.Fault);
        }

        return new RpcRequest(arguments.Method!)
        {
            ReqId = SecureRandom.Hex(ReqIdBytes),
            Token = arguments.Token,
            Params = arguments.Params is null ? default : ToParams(arguments.Params),
        };
    }

    /// <summary>Checks that the params are an object; an empty one, or null, sends none.</summary>
    private static ReadOnlyMemory<byte> ToParams(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement switch
            {
                { ValueKind: JsonValueKind.Null } => default,
                { ValueKind: JsonValueKind.Object } root => root.GetPropertyCount() == 0 ? default : Encoding.UTF8.GetBytes(text),
                var other => throw new FormatException($"invalid params JSON: an object is needed, not {other.ValueKind.ToString().ToLowerInvariant()}"),
            };
        }
        catch (JsonException e)
        {
            throw new FormatException($"invalid params JSON: {e.Message}");
        }
    }
}
