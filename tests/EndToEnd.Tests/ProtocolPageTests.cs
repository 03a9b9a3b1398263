using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>Holds <c>api/protocol.md</c> to what running services say and do.</summary>
public sealed class ProtocolPageTests
{
    private static readonly string[] Services = ["supervisor", "registry", "identity", "fs", "sandbox"];
    private static readonly string[] OfEveryService = ["ping", "describe", "metrics"];
    private static readonly string[] Lines = File.ReadAllLines(Checkout.At("api/protocol.md"));

    [Fact]
    public async Task The_page_and_the_running_services_declare_the_same_methods_with_the_same_rights_and_errors()
    {
        await using var node = Node.Prepare();
        node.Declare("sandbox", """{ "name": "sandbox" }""");
        await node.LaunchAsync();
        var running = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in Services)
        {
            var described = JsonNode.Parse((await node.CallAsync($"{service}.describe")).Result.Span)!["methods"]!.AsArray();
            foreach (var method in described)
            {
                var name = (string)method!["name"]!;
                var ofEvery = OfEveryService.FirstOrDefault(m => name == $"{service}.{m}");
                running[ofEvery is null ? name : $"SERVICE.{ofEvery}"] = Declared(method).Replace($"{service}.metrics", "SERVICE.metrics", StringComparison.Ordinal);
            }
        }

        var documented = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Lines.Length; i++)
        {
            if (Regex.Match(Lines[i], "^### `(.+)`$") is { Success: true } heading)
            {
                var section = Lines[(i + 1)..].TakeWhile(l => !l.StartsWith("##", StringComparison.Ordinal)).ToArray();
                documented[heading.Groups[1].Value] = Written(section);
            }
        }

        Assert.Equal(
            string.Join('\n', running.Select(m => $"{m.Key}: {m.Value}")),
            string.Join('\n', documented.Select(m => $"{m.Key}: {m.Value}")));
    }

    [Fact]
    public async Task Every_example_of_the_page_is_answered_as_shown()
    {
        await using var node = Node.Prepare();
        File.WriteAllText(Path.Combine(node.DataDir, "hello.txt"), "hello, strata\n");
        node.Settings["STRATA_FS_ROOTS"] = $"home:{node.DataDir}:rw";
        node.Declare("sandbox", """{ "name": "sandbox" }""");
        await node.LaunchAsync();
        var values = new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["$prefix"] = node.DataDir };
        var clients = new Dictionary<string, RawConnection>(StringComparer.Ordinal);
        var service = "";
        try
        {
            foreach (var (isRequest, shown, line) in Examples())
            {
                if (isRequest)
                {
                    var method = (string?)shown["method"] ?? "";
                    service = method.Contains('.', StringComparison.Ordinal) && Services.Contains(method.Split('.')[0]) ? method.Split('.')[0] : service.Length > 0 ? service : "registry";
                    if (!clients.TryGetValue(service, out var client))
                    {
                        clients[service] = client = new RawConnection(node.Socket(service));
                    }

                    client.Send(Bound(shown, values)!.ToJsonString());
                }
                else
                {
                    var reqId = (string)shown["req_id"]!;
                    var answer = clients.Values.Select(c => c.Has(reqId)).FirstOrDefault(a => a is not null) ?? clients[service].Receive(reqId);
                    Assert.True(Fits(shown, answer, values), $"api/protocol.md:{line}: shown\n{shown.ToJsonString()}\nreceived\n{answer.ToJsonString()}");
                }
            }
        }
        finally
        {
            foreach (var client in clients.Values)
            {
                client.Dispose();
            }
        }
    }

    private static string Declared(JsonNode method)
    {
        var right = (string?)method["right"];
        var access = (string)method["access"]! switch
        {
            "right" => $"right `{right}`",
            "right_or_authority" => $"right `{right}` or authority",
            "holder" => "holder of any capability",
            "holder_or_authority" => "holder of any capability or authority",
            var other => other,
        };
        var errors = method["errors"]!.AsArray().Select(e => $"`{e}`").ToList();
        return $"{access}; streaming {method["streaming"]}; errors {(errors.Count == 0 ? "none" : string.Join(", ", errors.Order(StringComparer.Ordinal)))}";
    }

    private static string Written(string[] section)
    {
        var access = section.Single(l => l.StartsWith("- access: ", StringComparison.Ordinal))["- access: ".Length..].Split(';')[0].Trim();
        var errors = Regex.Matches(section.Single(l => l.StartsWith("- errors: ", StringComparison.Ordinal)), "`[A-Z_]+`").Select(m => m.Value).Order(StringComparer.Ordinal).ToList();
        var streams = section.Any(l => l.StartsWith("- stream", StringComparison.Ordinal));
        return $"{access}; streaming {(streams ? "true" : "false")}; errors {(errors.Count == 0 ? "none" : string.Join(", ", errors))}";
    }

    private static IEnumerable<(bool IsRequest, JsonObject Json, int Line)> Examples()
    {
        for (var i = 0; i < Lines.Length; i++)
        {
            if (Lines[i] is "```json request" or "```json response")
            {
                var text = string.Join('\n', Lines[(i + 1)..].TakeWhile(l => l != "```"));
                yield return (Lines[i] == "```json request", JsonNode.Parse(text)!.AsObject(), i + 1);
            }
        }
    }

    private static JsonNode? Bound(JsonNode? shown, Dictionary<string, JsonNode?> values) => shown switch
    {
        JsonObject o => new JsonObject(o.Select(m => KeyValuePair.Create(m.Key, Bound(m.Value, values)))),
        JsonArray a => new JsonArray([.. a.Select(v => Bound(v, values))]),
        JsonValue v when v.TryGetValue<string>(out var text) => Expand(text, values),
        _ => shown?.DeepClone(),
    };

    private static JsonNode? Expand(string text, Dictionary<string, JsonNode?> values)
    {
        if (values.TryGetValue(text, out var whole))
        {
            return whole?.DeepClone();
        }

        foreach (var (name, value) in values.OrderByDescending(v => v.Key.Length))
        {
            text = text.Replace(name, value?.ToString(), StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Whether what came has everything that is shown; a new <c>$name</c> takes what came.</summary>
    private static bool Fits(JsonNode? shown, JsonNode? came, Dictionary<string, JsonNode?> values)
    {
        switch (shown)
        {
            case JsonObject o:
                return came is JsonObject c && o.All(m => c.ContainsKey(m.Key) && Fits(m.Value, c[m.Key], values));
            case JsonArray a:
                return came is JsonArray b && a.Count <= b.Count && a.All(item => b.Any(other => Fits(item, other, values)));
            case JsonValue v when v.TryGetValue<string>(out var text) && text.StartsWith('$') && !values.ContainsKey(text) && Regex.IsMatch(text, @"^\$\w+$"):
                values[text] = came?.DeepClone();
                return came is not null;
            default:
                return JsonNode.DeepEquals(Bound(shown, values), came);
        }
    }
}
