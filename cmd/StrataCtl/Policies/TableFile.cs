using System.Text.Json;
using System.Text.Json.Nodes;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Policies;

/// <summary>Reads the file of a table, as strictly as a request is read.</summary>
internal static class TableFile
{
    /// <summary>The JSON Schema of tables.</summary>
    public static JsonObject Schema()
    {
        var schema = Shape().ToSchema();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Strata policy table");
        return schema;
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="UsageException">It cannot be read, is too large, or is not a table.</exception>
    public static PolicyTable Read(string path)
    {
        try
        {
            var json = ReadBytes(path);
            if (Shape().Check(json) is { } fault)
            {
                throw new UsageException($"{path}: {fault.Message}");
            }

            return JsonSerializer.Deserialize(json, PolicyJson.Default.PolicyTable)!;
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path}: not a policy table: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    private static ObjectShape Shape() => ShapeBuilder.ForRecord(PolicyJson.Default.PolicyTable);

    private static byte[] ReadBytes(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[PolicyTable.MaxFileBytes + 1];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count <= PolicyTable.MaxFileBytes ? bytes[..count] : throw new UsageException($"{path}: a policy table has at most {PolicyTable.MaxFileBytes} bytes; split it");
    }
}
