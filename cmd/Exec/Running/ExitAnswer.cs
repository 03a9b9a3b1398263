using System.Text;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.Exec;

/// <summary>Turns what came of a program into the answer of its call. Exit codes mean what sysexits(3) says.</summary>
internal static class ExitAnswer
{
    internal static Reply<JsonElement> Of(DeclaredMethod method, RunOutcome outcome) => outcome.End switch
    {
        RunEnd.TimedOut => RpcError.Unavailable($"the program of {method.Name} did not end within {Supervision.DurationText.Of(method.Timeout)}", "program_timeout"),
        RunEnd.TooMuchOutput => RpcError.Internal($"the program of {method.Name} printed more than {ExecLimits.MaxOutputBytes} bytes"),
        RunEnd.Cancelled => RpcError.Unavailable("the call was cancelled", "cancelled"),
        _ when outcome.Exit is { Code: 0 } => Result(method, outcome.Output),
        _ => Failure(method, outcome),
    };

    private static Reply<JsonElement> Result(DeclaredMethod method, ReadOnlyMemory<byte> output)
    {
        try
        {
            // A parser of JSON does not look into texts.
            return !System.Text.Unicode.Utf8.IsValid(output.Span) ? throw new JsonException()
                : method.Output == OutputKind.Text ? Text(Encoding.UTF8.GetString(output.Span)) : Json(output);
        }
        catch (JsonException)
        {
            var expected = method.Output == OutputKind.Text ? "text in UTF-8" : "a JSON object";
            return RpcError.Internal($"the program of {method.Name} did not print {expected}");
        }
    }

    private static JsonElement Json(ReadOnlyMemory<byte> output)
    {
        if (output.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return JsonElement.Parse("{}"u8);
        }

        using var document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = ExecLimits.MaxResultDepth, AllowDuplicateProperties = false });
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException();
    }

    private static JsonElement Text(string text)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(text.Length + 16);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static RpcError Failure(DeclaredMethod method, RunOutcome outcome)
    {
        var how = outcome.Exit is { } exit ? exit.Code is not null ? $"ended with {exit}" : $"was ended by {exit}" : "could not be ended";
        var said = Reason(outcome.Errors) ?? $"the program of {method.Name} {how}";
        return outcome.Exit?.Code switch
        {
            64 or 65 => RpcError.InvalidArgument(said),
            66 => RpcError.NotFound(said),
            69 or 75 => RpcError.Unavailable(said, "program_unavailable"),
            73 => RpcError.Conflict(said),
            77 => new RpcError(ErrorCode.PermissionDenied, said) { Reason = "program_denied" },
            // Whatever it says then is for its author, not for its caller.
            _ => RpcError.Internal($"the program of {method.Name} {how}; the service's log has what it said"),
        };
    }

    /// <summary>The last line of what it said, which it meant for its caller by the exit code it chose.</summary>
    private static string? Reason(ReadOnlyMemory<byte> errors)
    {
        var last = Encoding.UTF8.GetString(errors.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return last is null ? null : string.Concat(last.Where(c => !char.IsControl(c)).Take(ExecLimits.MaxReasonChars));
    }
}
