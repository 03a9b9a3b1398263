using System.Text.Json;
using Strata.Policy;

namespace Strata.Exec;

/// <summary>A file that declares methods, read and checked as a whole.</summary>
internal sealed class MethodsFile
{
    private MethodsFile()
    {
    }

    /// <summary>Name of the service.</summary>
    internal string Service { get; private set; } = "";

    /// <summary>Programs at once.</summary>
    internal int Concurrency { get; private set; } = ExecLimits.DefaultConcurrency;

    internal IReadOnlyList<DeclaredMethod> Methods { get; private set; } = [];

    /// <summary>Everything that is wrong with it; with one fault nothing of it may be used.</summary>
    internal IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>Reads a file.</summary>
    internal static MethodsFile Read(string path)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            return content.Length > ExecLimits.MaxFileBytes
                ? Unusable($"is larger than {ExecLimits.MaxFileBytes} bytes")
                : Parse(content, new ProgramPath(Path.GetDirectoryName(Path.GetFullPath(path))!, Environment.GetEnvironmentVariable("PATH")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unusable($"cannot be read: {e.Message}");
        }
    }

    internal static MethodsFile Parse(ReadOnlyMemory<byte> json, ProgramPath programs)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions
            {
                AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = ExecLimits.MaxDeclaredDepth,
            });
            var file = new MethodsFile();
            var faults = new List<string>();
            file.Fill(new Fields(document.RootElement, "", faults), programs);
            file.Faults = faults;
            return file;
        }
        catch (JsonException e)
        {
            return Unusable($"is not JSON: {e.Message}");
        }
    }

    private static MethodsFile Unusable(string fault) => new() { Faults = [fault] };

    private void Fill(Fields fields, ProgramPath programs)
    {
        Service = fields.Text("service", 63) ?? "";
        if (Service.Length > 0 && !CapabilityNames.IsService(Service))
        {
            fields.Fault("service", "must be a lower-case letter, then lower-case letters, digits, - and _");
        }

        Concurrency = fields.Whole("concurrency", ExecLimits.DefaultConcurrency, 1, ExecLimits.MaxConcurrency);
        var methods = fields.Members("methods");
        if (methods.Count is 0 or > ExecLimits.MaxMethods)
        {
            fields.Fault("methods", $"must declare 1 to {ExecLimits.MaxMethods} methods");
        }

        Methods = [.. methods.Take(ExecLimits.MaxMethods).Select(m => MethodReader.Read(Service, m.Name, m.Fields, programs)).OfType<DeclaredMethod>()];
        fields.NoOthers("$schema");
    }
}
