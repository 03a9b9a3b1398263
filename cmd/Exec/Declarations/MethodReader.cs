using System.Text.Json;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Exec;

/// <summary>Reads one declaration of a method.</summary>
internal static class MethodReader
{
    private static readonly string[] Taken = ["ping", "describe", "metrics"];

    private static readonly JsonElement NoMembers = JsonElement.Parse("""{ "type": "object", "properties": {} }""");
    private static readonly JsonElement AnyMembers = JsonElement.Parse("""{ "type": "object" }""");

    private static readonly JsonElement Text = JsonElement.Parse(
        $$"""{ "type": "object", "properties": { "text": { "type": "string", "maxLength": {{ExecLimits.MaxOutputBytes}}, "description": "what the program printed" } }, "required": ["text"] }""");

    /// <summary>The method, or null after a fault.</summary>
    internal static DeclaredMethod? Read(string service, string name, Fields fields, ProgramPath programs)
    {
        var full = $"{service}.{name}";
        if (!CapabilityNames.IsRight(full) || name.Contains('.', StringComparison.Ordinal))
        {
            fields.Fault("", "a method's name is a lower-case letter, then lower-case letters, digits, - and _");
        }
        else if (Taken.Contains(name))
        {
            fields.Fault("", "every service has this method already; take another name");
        }

        var summary = fields.Text("summary", ExecLimits.MaxSummaryChars) ?? "";
        var access = ReadAccess(fields);
        var words = fields.Texts("exec", ExecLimits.MaxArguments + 1, ExecLimits.MaxArgumentChars);
        var output = ReadOutput(fields);
        var parameters = ReadShape(fields, "params", NoMembers);
        var result = output == OutputKind.Text ? SchemaShapes.ReadObject(Text, "result") : ReadShape(fields, "result", AnyMembers);
        var timeout = fields.Duration("timeout", ExecLimits.DefaultTimeout, ExecLimits.Timeout);
        fields.NoOthers();
        var program = words.Count > 0 ? programs.Find(words[0]) : null;
        if (words.Count > 0 && program is null)
        {
            fields.Fault("exec", $"there is no executable file {words[0]}; give an absolute path, ./NAME beside this file, or a name in PATH");
        }

        if (parameters is not null && ParamsEnvironment.Clash(parameters) is { } clash)
        {
            fields.Fault("params", clash);
        }

        return program is null || access is null || parameters is null || result is null ? null : new DeclaredMethod(full, program, [.. words.Skip(1)])
        {
            Summary = summary, Access = access, Params = parameters, Result = result, Output = output, Timeout = timeout,
        };
    }

    private static Access? ReadAccess(Fields fields)
    {
        var right = fields.OptionalText("right", ClaimLimits.MaxNameBytes);
        var open = fields.Flag("open");
        if (right is not null && !CapabilityNames.IsRight(right))
        {
            fields.Fault("right", "must be two or more lower-case words joined by dots, such as disk.read");
        }
        else if (open == right is not null)
        {
            fields.Fault("right", open ? "is given, but the method is open" : "is missing; name the right that callers need, or say \"open\": true to let everybody in");
        }
        else
        {
            return right is null ? Access.Open : Access.Right(right);
        }

        return null;
    }

    private static OutputKind ReadOutput(Fields fields)
    {
        var said = fields.OptionalText("output", 8);
        if (said is not (null or "json" or "text"))
        {
            fields.Fault("output", "must be json or text");
        }

        return said == "text" ? OutputKind.Text : OutputKind.Json;
    }

    private static ObjectShape? ReadShape(Fields fields, string field, JsonElement preset)
    {
        try
        {
            return SchemaShapes.ReadObject(fields.Take(field, out var schema) ? schema : preset, fields.Path(field));
        }
        catch (FormatException e)
        {
            fields.Fault(e.Message);
            return null;
        }
    }
}
