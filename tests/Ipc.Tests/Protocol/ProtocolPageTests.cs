using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Strata.Contracts;

namespace Strata.Ipc.Tests;

public sealed class ProtocolPageTests
{
    private static readonly ProtocolPage Page = ProtocolPage.Load();

    public static TheoryData<string> Methods => [.. ProtocolMethods.All.Keys];

    [Fact]
    public void Every_method_has_its_heading_and_every_heading_its_method() =>
        Assert.Equal(ProtocolMethods.All.Keys.Order(StringComparer.Ordinal), Page.Sections.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_tables_of_a_method_are_those_of_its_records(string method)
    {
        var (parameters, result) = ProtocolMethods.All[method];
        AssertContains(method, ContractTable.OfParams(parameters));
        AssertContains(method, ContractTable.OfResult(result));
        Assert.Equal(
            ContractTable.OfParams(parameters).Concat(ContractTable.OfResult(result)).Count(l => l.StartsWith('|')),
            Page.Sections[method].Count(l => l.StartsWith('|')));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_states_its_access_and_errors_and_shows_an_example(string method)
    {
        var section = Page.Sections[method];
        Assert.Single(section, l => l.StartsWith("- access: ", StringComparison.Ordinal));
        Assert.Single(section, l => l.StartsWith("- errors: ", StringComparison.Ordinal));
        Assert.Contains("```json request", section);
        Assert.Contains("```json response", section);
    }

    [Fact]
    public void Every_record_of_the_contracts_is_documented()
    {
        var used = ProtocolMethods.All.Values.SelectMany(m => new[] { m.Params.Type, m.Result.Type }).ToHashSet();
        var declared = typeof(ContractsJson).GetProperties()
            .Where(p => p.PropertyType.IsGenericType && p.Name.EndsWith("Params", StringComparison.Ordinal))
            .Select(p => p.PropertyType.GetGenericArguments()[0]);
        Assert.Empty(declared.Except(used));
    }

    [Fact]
    public void Examples_are_requests_this_library_takes_and_fit_their_records()
    {
        foreach (var (_, request) in Page.Examples.Where(e => e.IsRequest && (int)e.Json["v"]! == 1))
        {
            RequestEnvelope envelope = default;
            Assert.Null(EnvelopeReader.Read(Encoding.UTF8.GetBytes(request.ToJsonString()), IpcLimits.Default, ref envelope));
            if (Answer(request)["ok"]!.GetValue<bool>())
            {
                var (parameters, _) = ProtocolMethods.All[ProtocolMethods.DocumentedName((string)request["method"]!)];
                AssertFits(ShapeBuilder.ForRecord(parameters).ToSchema(), request["params"] ?? new JsonObject(), (string)request["req_id"]!);
            }
        }
    }

    [Fact]
    public void Example_answers_fit_their_records()
    {
        foreach (var (_, response) in Page.Examples.Where(e => !e.IsRequest))
        {
            var id = (string)response["req_id"]!;
            var request = Page.Examples.Last(e => e.IsRequest && (string)e.Json["req_id"]! == id).Json;
            if (response["error"] is JsonObject error)
            {
                Assert.Equal(((ErrorCode)(int)error["code"]!).WireName(), (string)error["name"]!);
            }
            else if (request["more"] is null || response["continues"] is not null)
            {
                var (_, result) = ProtocolMethods.All[ProtocolMethods.DocumentedName((string)request["method"]!)];
                AssertFits(ShapeBuilder.ForRecord(result).ToSchema(), response["result"]!, id, whole: false);
            }
        }
    }

    [Fact]
    public void Every_request_has_an_id_of_its_own_and_an_answer()
    {
        var ids = Page.Examples.Where(e => e.IsRequest).Select(e => (string)e.Json["req_id"]!).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Contains(Page.Examples, e => !e.IsRequest && (string)e.Json["req_id"]! == id));
    }

    [Fact]
    public void Examples_of_faults_are_answered_as_they_say()
    {
        using var driver = new SessionDriver();
        foreach (var (_, request) in Page.Examples.Where(e => e.IsRequest && ((string)e.Json["req_id"]!).StartsWith("fault-", StringComparison.Ordinal)))
        {
            var answer = driver.Call(request.ToJsonString().Replace("registry.ping", "t.ping", StringComparison.Ordinal));
            Assert.True(JsonNode.DeepEquals(Answer(request), JsonNode.Parse(answer.GetRawText())), answer.GetRawText());
        }
    }

    [Fact]
    public void The_limits_are_those_in_force()
    {
        var limits = IpcLimits.Default;
        var text = string.Join('\n', Page.Lines);
        foreach (var (row, value) in new (string, object)[]
        {
            ("payload of a frame | 1 to {0} bytes", limits.MaxFrameBytes),
            ("complete within {0} s", limits.FrameTimeout.TotalSeconds),
            ("first frame of a connection | within {0} s", limits.FirstFrameTimeout.TotalSeconds),
            ("some progress within {0} s", limits.WriteTimeout.TotalSeconds),
            ("nothing in progress | {0} s", limits.IdleTimeout.TotalSeconds),
            ("calls in progress on a connection | {0} |", limits.MaxInFlight),
            ("streaming calls among them | {0} |", limits.MaxStreams),
            ("unsent answers of a connection | {0} bytes", limits.OutputHighWaterBytes),
            ("string, 1 to {0} bytes as it stands", limits.MaxReqIdBytes),
            ("`method` | string, at most {0} bytes", limits.MaxMethodBytes),
            ("a string of at most {0} bytes", limits.MaxTokenBytes),
            ("`deadline_ms` | whole number, 1 to {0} |", limits.MaxDeadlineMs),
            ("more than {0} levels of nesting", limits.MaxDepth),
            ("at most {0} UTF-16 units", RpcError.MaxMessageChars),
        })
        {
            Assert.Contains(string.Format(CultureInfo.InvariantCulture, row, value), text, StringComparison.Ordinal);
        }

        Assert.All(Enum.GetValues<ErrorCode>(), code => Assert.Contains($"| {(int)code} | `{code.WireName()}` |", text, StringComparison.Ordinal));
    }

    private static JsonObject Answer(JsonObject request) =>
        Page.Examples.First(e => !e.IsRequest && (string)e.Json["req_id"]! == (string)request["req_id"]!).Json;

    private static void AssertContains(string method, IReadOnlyList<string> table)
    {
        var found = string.Join('\n', Page.Sections[method]).Contains(string.Join('\n', table), StringComparison.Ordinal);
        Assert.True(found, $"the section of {method} must contain exactly:\n{string.Join('\n', table)}");
    }

    /// <summary>Every member shown is declared and of its type; a <c>$name</c> stands for a value of any type.</summary>
    private static void AssertFits(JsonObject schema, JsonNode value, string where, bool whole = true)
    {
        if (value is JsonValue text && text.TryGetValue<string>(out var name) && name.StartsWith('$'))
        {
            return;
        }

        switch ((string?)schema["type"])
        {
            case "object" when schema["properties"] is JsonObject properties:
                foreach (var (member, inner) in value.AsObject())
                {
                    Assert.True(properties.ContainsKey(member), $"{where}: {member} is not declared");
                    AssertFits(properties[member]!.AsObject(), inner!, $"{where}.{member}", whole);
                }

                var missing = schema["required"]?.AsArray().Select(n => (string)n!).Where(n => whole && !value.AsObject().ContainsKey(n)) ?? [];
                Assert.Empty(missing);
                break;
            case "array":
                Assert.All(value.AsArray(), item => AssertFits(schema["items"]!.AsObject(), item!, where, whole));
                break;
            case "string":
                Assert.True(value.GetValueKind() == System.Text.Json.JsonValueKind.String, where);
                break;
            case "integer":
                Assert.True(value.AsValue().TryGetValue<long>(out _), where);
                break;
            case "boolean":
                Assert.True(value.AsValue().TryGetValue<bool>(out _), where);
                break;
            default:
                break;
        }
    }
}
