using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Strata.Ipc;

namespace Strata.StrataCtl.Audit;

/// <summary>One record and its line as it stands in the file.</summary>
internal sealed record AuditEntry(string Service, string Line, JsonElement Record)
{
    /// <summary>Reads a line; null when it is no record. Somebody may have altered it: it can hold anything, text that is none included.</summary>
    public static AuditEntry? Read(string service, ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object && !JsonText.HasLoneSurrogate(line)
                ? new AuditEntry(service, Encoding.UTF8.GetString(line), document.RootElement.Clone())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
