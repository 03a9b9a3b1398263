using System.Text.Json;
using System.Text.Json.Nodes;

namespace Strata.Ipc.Tests;

public sealed class DescribeTests : IDisposable
{
    private const int Seed = 20260601;
    private readonly SessionDriver _driver = new(new TestMethods().All());

    public void Dispose() => _driver.Dispose();

    [Fact]
    public void Ping_says_who_answers()
    {
        var result = _driver.Call("t.ping", "{}").Result();
        Assert.Equal("t", result.GetProperty("service").GetString());
        Assert.Equal(Environment.ProcessId, result.GetProperty("pid").GetInt32());
    }

    [Fact]
    public void Describe_lists_every_method_once_with_all_that_is_declared()
    {
        var result = _driver.Call("t.describe", "{}").Result();
        Assert.Equal(1, result.GetProperty("protocol").GetInt32());
        var methods = result.GetProperty("methods").EnumerateArray().ToArray();
        Assert.Equal(_driver.Methods.Methods.Select(m => m.Name).Order(), methods.Select(m => m.GetProperty("name").GetString()!).Order());
        Assert.Contains("cancel", methods.Select(m => m.GetProperty("name").GetString()));
        var guarded = methods.Single(m => m.GetProperty("name").GetString() == "t.guarded");
        Assert.Equal("right", guarded.GetProperty("access").GetString());
        Assert.Equal("t.guarded", guarded.GetProperty("right").GetString());
        Assert.False(guarded.GetProperty("streaming").GetBoolean());
        Assert.True(methods.Single(m => m.GetProperty("name").GetString() == "t.feed").GetProperty("streaming").GetBoolean());
    }

    [Fact]
    public void The_schema_states_bounds_defaults_and_descriptions()
    {
        var schema = _driver.Methods.Find("t.all"u8)!.ParamsShape.ToSchema();
        Assert.Equal(["name", "count"], schema["required"]!.AsArray().Select(n => (string)n!));
        Assert.False((bool)schema["additionalProperties"]!);
        var members = schema["properties"]!.AsObject();
        Assert.Equal("a required string", (string?)members["name"]!["description"]);
        Assert.Equal(12, (int)members["name"]!["maxLength"]!);
        Assert.Equal((-5L, 500L), ((long)members["count"]!["minimum"]!, (long)members["count"]!["maximum"]!));
        Assert.Equal("slow", (string?)members["mode"]!["default"]);
        Assert.Equal(["slow", "fast"], members["mode"]!["enum"]!.AsArray().Select(n => (string)n!));
        Assert.Equal("base64", (string?)members["data"]!["contentEncoding"]);
        Assert.Equal(3, (int)members["tags"]!["maxItems"]!);
    }

    [Fact]
    public void Whatever_the_schema_allows_is_accepted_and_what_it_forbids_is_refused_by_name()
    {
        var random = new Random(Seed);
        var values = new SchemaValues(random);
        var schema = _driver.Methods.Find("t.all"u8)!.ParamsShape.ToSchema();
        for (var i = 0; i < 3000; i++)
        {
            var valid = values.Valid(schema).AsObject();
            var answer = _driver.Call("t.all", valid.ToJsonString());
            Assert.True(answer.IsOk(), $"seed {Seed}, round {i}: {valid.ToJsonString()} -> {answer}");
            var name = values.Break(schema, valid);
            answer = _driver.Call("t.all", valid.ToJsonString());
            Assert.True(!answer.IsOk() && answer.Code() == 1 && answer.Detail("field")!.StartsWith(name, StringComparison.Ordinal),
                $"seed {Seed}, round {i}: {name} in {valid.ToJsonString()} -> {answer}");
        }
    }

    [Fact]
    public void Two_methods_of_one_name_are_refused() =>
        Assert.Throws<ArgumentException>(() => new MethodTable("t", [.. new TestMethods().All(), .. new TestMethods().All()]));
}
