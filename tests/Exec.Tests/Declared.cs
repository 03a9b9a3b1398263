using System.Text;
using System.Text.Json;

namespace Strata.Exec.Tests;

/// <summary>Files that declare methods, with one thing changed.</summary>
internal static class Declared
{
    internal static MethodsFile Parse(string json) => MethodsFile.Parse(Encoding.UTF8.GetBytes(json), new ProgramPath("/bin", "/bin"));

    /// <summary>A file with one method.</summary>
    /// <param name="fields">Its fields but for the summary.</param>
    internal static MethodsFile WithMethod(string fields) => Parse($$"""{ "service": "box", "methods": { "act": { "summary": "Acts.", {{fields}} } } }""");

    /// <summary>A method that runs a script.</summary>
    internal static DeclaredMethod Shell(string script, string more = "") =>
        Assert.Single(WithMethod($$""" "open": true, "exec": ["sh", "-c", {{JsonSerializer.Serialize(script)}}] {{(more.Length > 0 ? "," + more : "")}} """).Good().Methods);

    internal static MethodsFile Good(this MethodsFile file)
    {
        Assert.Empty(file.Faults);
        return file;
    }
}
