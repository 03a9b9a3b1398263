using System.Text;
using System.Text.Json;
using Strata.Supervision;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// A manifest file: it is a service or a list of faults, each with words and a place, and a service is the same one when its file is
/// written by another hand, without comments and with its members in another order; and the published schema takes it too.
/// </summary>
internal sealed class ManifestTarget : FuzzTarget
{
    private const string NoJson = "is not JSON";
    private const string FileName = "fuzz" + ManifestFile.Suffix;

    internal override string Name => "manifest";

    internal override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. ManifestSchema.Fields().Select(field => Encoding.UTF8.GetBytes($"\"{field.Path[(field.Path.LastIndexOf('.') + 1)..]}\":")),
        .. Texts(
            "\"socket\":{", "\"restart\":{", "\"confinement\":{", "\"limits\":{", "\"socket\":null", "\"watchdog\":null", "\"confinement\":null", "\"250ms\"", "\"5s\"", "\"2m\"", "\"1h\"", "\"0s\"", "\"24h\"", "\"1s1s\"", "\"64K\"", "\"256M\"", "\"1G\"", "\"0600\"",
            "\"always\"", "\"never\"", "\"oneshot\"", "\"timer\"", "\"identity\"", "\"fs\"", "\"registry\"", "\"fuzz\"", "\"supervisor\"", "\"fs.read\"", "{\"service\":\"fs\",\"rights\":[\"fs.read\"]}", "\"none\"", "\"notify\"", "\"*-*-* 03:00\"", "\"03:00\"", "\"UTC\"", "\"SIGTERM\"",
            "\"${STATE_DIR}/x\"", "\"/usr/bin/env\"", "\"A\":\"1\"", "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "//", "/*", "*/", "1.5", "\n"),
    ];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        var document = ManifestReader.Read(new ManifestFile(FileName, bytes));
        var faults = document.IsManifest ? ManifestValidator.Validate(document.Manifest) : [];
        AssertWords(document, faults, bytes);
        if (!document.Faults.IsEmpty || !faults.IsEmpty)
        {
            return new Outcome(false, ClassOf(document.Faults.IsEmpty ? $"{faults[0].Field} {faults[0].Message}" : document.Faults[0].Message), Math.Min(document.Faults.Length, 3));
        }

        Unless(document.IsManifest, "neither a manifest nor a fault");
        AssertSameByAnotherHand(document.Manifest, bytes);
        return new Outcome(true, null, SetFields(document.Manifest));
    }

    // What is wrong with its syntax quotes the file itself.
    private static string ClassOf(string fault) => fault.StartsWith(NoJson, StringComparison.Ordinal) ? NoJson : fault;

    private static void AssertWords(ManifestDocument document, IReadOnlyList<ManifestFault> faults, byte[] bytes)
    {
        var lines = bytes.Count(b => b == '\n') + 1;
        foreach (var fault in document.Faults)
        {
            Unless(fault.File == FileName && fault.Message.Length > 0 && fault.Line >= 0 && fault.Line <= lines && fault.Column <= bytes.Length + 1, $"a fault without words or with a place outside of the file: {fault}");
            Unless(!fault.ToString().Any(char.IsControl), "a fault with control characters");
        }

        foreach (var fault in faults)
        {
            Unless(fault.Service == document.Manifest.Name && fault.Message.Length > 0 && document.PlaceOf(fault) <= bytes.Length, $"a fault without words or place: {fault}");
            Unless(!fault.ToString().Any(char.IsControl), "a fault with control characters");
        }

        Unless(document.Faults.Length <= ManifestLimits.MaxFaultsPerFile + 1, "more faults than a person reads");
    }

    private static void AssertSameByAnotherHand(ServiceManifest manifest, byte[] bytes)
    {
        var written = new System.Buffers.ArrayBufferWriter<byte>(bytes.Length);
        using (var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false }))
        using (var json = new Utf8JsonWriter(written))
        {
            var refused = SchemaCheck.FaultOf(document.RootElement);
            Unless(refused is null, $"the published schema refuses what is taken: {refused}");
            WriteReversed(document.RootElement, json);
        }

        var again = ManifestReader.Read(new ManifestFile(FileName, written.WrittenMemory));
        Unless(again.Faults.IsEmpty, "the same file by another hand has faults");
        Unless(again.Manifest.Name == manifest.Name && FieldValues.Differences(manifest, again.Manifest).IsEmpty, "the same file by another hand is another service");
    }

    private static void WriteReversed(JsonElement value, Utf8JsonWriter json)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject().Reverse())
                {
                    json.WritePropertyName(member.Name);
                    WriteReversed(member.Value, json);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteReversed(item, json);
                }

                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static int SetFields(ServiceManifest manifest)
    {
        var plain = new ServiceManifest { Name = manifest.Name, Program = manifest.Program };
        return FieldValues.Differences(plain, manifest).Aggregate(0, (hash, field) => (hash * 31) + field.Path.Length + field.Path[^1]);
    }
}
