using System.Buffers;
using System.Text.Json;

namespace Strata.Ipc;

/// <summary>Reads the envelope's <c>auth</c> as strictly as the rest: token, and the proof that its holder sends it.</summary>
internal static class AuthReader
{
    private static readonly SearchValues<byte> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    internal static string? Read(scoped ref Utf8JsonReader reader, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return "the field \"auth\" must be an object";
        }

        string? fault = null;
        var (hasToken, hasProof) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("token"u8))
            {
                fault ??= hasToken ? "the field \"auth.token\" is given twice" : null;
                hasToken = true;
                reader.Read();
                var problem = EnvelopeReader.ReadPlainString(ref reader, "auth.token", limits.MaxTokenBytes, out envelope.Token);
                fault ??= problem;
            }
            else if (reader.ValueTextEquals("proof"u8))
            {
                fault ??= hasProof ? "the field \"auth.proof\" is given twice" : null;
                hasProof = true;
                reader.Read();
                var problem = ReadProof(ref reader, ref envelope);
                fault ??= problem;
            }
            else
            {
                fault ??= $"unknown field \"auth.{EnvelopeReader.Shown(ref reader)}\"";
                reader.Skip();
            }
        }

        return fault ?? (hasProof && !hasToken ? "the field \"auth.proof\" proves nothing without \"auth.token\"" : null);
    }

    private static string? ReadProof(scoped ref Utf8JsonReader reader, scoped ref RequestEnvelope envelope)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return "the field \"auth.proof\" must be an object with time and sig";
        }

        string? fault = null;
        var (hasTime, hasSignature) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isTime, isSignature) = (reader.ValueTextEquals("time"u8), reader.ValueTextEquals("sig"u8));
            if (!isTime && !isSignature)
            {
                fault ??= $"unknown field \"auth.proof.{EnvelopeReader.Shown(ref reader)}\"";
                reader.Skip();
                continue;
            }

            fault ??= (isTime ? hasTime : hasSignature) ? $"the field \"auth.proof.{(isTime ? "time" : "sig")}\" is given twice" : null;
            (hasTime, hasSignature) = (hasTime || isTime, hasSignature || isSignature);
            reader.Read();
            var problem = isTime ? ReadTime(ref reader, ref envelope) : ReadSignature(ref reader, ref envelope);
            fault ??= problem;
        }

        return fault ?? (!hasTime ? "the field \"auth.proof.time\" is missing" : !hasSignature ? "the field \"auth.proof.sig\" is missing" : null);
    }

    private static string? ReadTime(scoped ref Utf8JsonReader reader, scoped ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var ms) && ms >= 1 && ms <= RequestProof.MaxTimeMs
            && reader.ValueSpan.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            envelope.Proof.TimeMs = ms;
            return null;
        }

        reader.Skip();
        return $"the field \"auth.proof.time\" must be a whole number of milliseconds from 1 to {RequestProof.MaxTimeMs}";
    }

    private static string? ReadSignature(scoped ref Utf8JsonReader reader, scoped ref RequestEnvelope envelope)
    {
        var fault = EnvelopeReader.ReadPlainString(ref reader, "auth.proof.sig", int.MaxValue, out var text);
        if (fault is not null)
        {
            return fault;
        }

        // 64 bytes leave four bits over in the last character: only one in sixteen spells them as zero, and only that one is taken.
        if (text.Length != RequestProof.SignatureCharacters || text.IndexOfAnyExcept(Base64Url) >= 0 || "AQgw"u8.IndexOf(text[^1]) < 0)
        {
            return $"the field \"auth.proof.sig\" must be a signature of 64 bytes in base64url, {RequestProof.SignatureCharacters} characters without padding";
        }

        envelope.Proof.Signature = text;
        return null;
    }
}
