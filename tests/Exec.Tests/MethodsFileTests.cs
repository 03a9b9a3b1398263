using Strata.Ipc;

namespace Strata.Exec.Tests;

public sealed class MethodsFileTests
{
    [Fact]
    public void A_file_declares_methods_with_right_params_and_time()
    {
        var method = Assert.Single(Declared.WithMethod("""
            "right": "box.act", "exec": ["sh", "-c", "true"], "timeout": "250ms", "output": "text", // comments are welcome
            "params": { "type": "object", "properties": { "count": { "type": "integer", "minimum": 1, "maximum": 3 } }, "required": ["count"] },
            """).Good().Methods);
        Assert.Equal(("box.act", "/bin/sh", TimeSpan.FromMilliseconds(250), OutputKind.Text), (method.Name, method.Program, method.Timeout, method.Output));
        Assert.Equal(Access.Right("box.act"), method.Access);
        Assert.Equal(["-c", "true"], method.Arguments);
        Assert.Equal("count", Assert.Single(method.Params.Members).Name);
    }

    [Theory]
    [InlineData(""" "exec": ["sh"] """, "methods.act.right: is missing")]
    [InlineData(""" "right": "box.act", "open": true, "exec": ["sh"] """, "methods.act.right: is given, but the method is open")]
    [InlineData(""" "right": "act", "exec": ["sh"] """, "methods.act.right: must be two or more")]
    [InlineData(""" "open": true, "exec": [] """, "methods.act.exec: must be a list of 1 to 65 strings")]
    [InlineData(""" "open": true, "exec": ["sh", 1] """, "methods.act.exec: must be a string")]
    [InlineData(""" "open": true, "exec": ["sh\u0000"] """, "methods.act.exec: must be a string")]
    [InlineData(""" "open": true, "exec": ["no-such-program"] """, "methods.act.exec: there is no executable file no-such-program")]
    [InlineData(""" "open": true, "exec": ["bin/sh"] """, "methods.act.exec: there is no executable file bin/sh")]
    [InlineData(""" "open": true, "exec": ["sh"], "timeout": "9ms" """, "methods.act.timeout: must be a time from 10ms to 10m")]
    [InlineData(""" "open": true, "exec": ["sh"], "timeout": "601s" """, "methods.act.timeout: must be a time from 10ms to 10m")]
    [InlineData(""" "open": true, "exec": ["sh"], "outptu": "json" """, "methods.act.outptu: is not a field; did you mean output?")]
    [InlineData(""" "open": true, "exec": ["sh"], "output": "xml" """, "methods.act.output: must be json or text")]
    [InlineData(""" "open": true, "exec": ["sh"], "params": { "type": "string" } """, "methods.act.params must have the type \"object\"")]
    [InlineData(""" "open": true, "exec": ["sh"], "params": { "type": "object", "properties": { "a": { "type": "string", "pattern": "x" } } } """, "methods.act.params.a has the keyword \"pattern\", which is not enforced")]
    [InlineData(""" "open": true, "exec": ["sh"], "params": { "type": "object", "properties": { "a-b": { "type": "string" }, "A_B": { "type": "string" } } } """, "methods.act.params: a-b and A_B would both be PARAM_A_B")]
    public void Each_fault_names_its_field(string fields, string fault)
    {
        Assert.Contains(Declared.WithMethod(fields).Faults, f => f.StartsWith(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[]", "the file: must be an object")]
    [InlineData("{", "is not JSON")]
    [InlineData("""{ "service": "box", "service": "box" }""", "is not JSON")]
    [InlineData("""{ "service": "Box", "methods": {} }""", "service: must be a lower-case letter")]
    [InlineData("""{ "service": "box", "methods": {} }""", "methods: must declare 1 to 64 methods")]
    [InlineData("""{ "service": "box", "methods": { "ping": { "summary": "x", "open": true, "exec": ["sh"] } } }""", "methods.ping: every service has this method already")]
    [InlineData("""{ "service": "box", "methods": { "a.b": { "summary": "x", "open": true, "exec": ["sh"] } } }""", "methods.a.b: a method's name is")]
    [InlineData("""{ "service": "box", "concurrency": 65, "methods": {} }""", "concurrency: must be a whole number from 1 to 64")]
    public void Faults_of_the_file_are_told_too(string json, string fault)
    {
        Assert.Contains(Declared.Parse(json).Faults, f => f.StartsWith(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        Assert.Equal(4, Declared.WithMethod(""" "exec": ["nothing-here"], "timeout": 5, "foo": 1 """).Faults.Count);
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(65, 1)]
    public void A_file_declares_at_most_64_methods(int count, int faults)
    {
        var methods = string.Join(',', Enumerable.Range(0, count).Select(i => $$""" "m{{i}}": { "summary": "x", "open": true, "exec": ["sh"] } """));
        Assert.Equal(faults, Declared.Parse($$"""{ "service": "box", "methods": { {{methods}} } }""").Faults.Count);
    }

    [Fact]
    public void A_file_that_is_not_there_or_too_large_is_a_fault()
    {
        using var directory = new TempDirectory();
        var path = Path.Combine(directory.Path, "box.methods.json");
        Assert.StartsWith("cannot be read", Assert.Single(MethodsFile.Read(path).Faults), StringComparison.Ordinal);
        File.WriteAllText(path, new string(' ', ExecLimits.MaxFileBytes + 1));
        Assert.StartsWith("is larger than", Assert.Single(MethodsFile.Read(path).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_is_sound()
    {
        var file = MethodsFile.Read(Checkout.At("examples/disk-shell/disk.methods.json")).Good();
        Assert.Equal(["disk.usage", "disk.largest"], file.Methods.Select(m => m.Name));
    }
}
