using System.CommandLine;
using System.Text.Json;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Output;
using Strata.StrataCtl.Policies;

namespace Strata.StrataCtl.Commands;

/// <summary><c>policy</c>: tables of who may do what, held to the code that decides it. No node is needed.</summary>
internal static class PolicyCommands
{
    /// <summary>Most files of one run.</summary>
    private const int MaxFiles = 256;

    public static Command Create(Cli cli) => cli.Family("policy", "Tests tables of who may do what, and prints their schema.", Test(cli), Schema(cli));

    private static Command Test(Cli cli)
    {
        var files = new Argument<string[]>("FILE") { Description = "Tables of capabilities and calls, as policy schema describes them", Arity = ArgumentArity.OneOrMore };
        return cli.Command(
            "test", "Judges the calls of tables as services would, without a node (exit 1 when one comes out otherwise than its row says).", [files],
            ["strata-ctl policy test policy/*.json", "strata-ctl policy test --json agents.json | jq -r '.rows[] | select(.ok == false) | .name'"],
            (session, parsed, _) => Task.FromResult(Run(session, parsed.GetRequiredValue(files))));
    }

    private static Command Schema(Cli cli) => cli.Command(
        "schema", "Prints the JSON Schema of policy tables, for editors and generators.", [], ["strata-ctl policy schema > policy.schema.json"],
        (session, _, _) =>
        {
            session.Out.Document(json => TableFile.Schema().WriteTo(json));
            return Task.FromResult(ExitCode.Ok);
        });

    private static int Run(Session session, string[] files)
    {
        if (files.Length > MaxFiles)
        {
            throw new UsageException($"at most {MaxFiles} tables at once, not {files.Length}");
        }

        // All are read first: a report about some is no answer about all.
        var judged = files.Select(file => (File: file, Rows: new TableJudge(TableFile.Read(file), file).Judge())).ToList();
        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, judged));
        }
        else
        {
            Tell(session.Out, judged);
        }

        return judged.TrueForAll(j => j.Rows.All(r => r.IsAsExpected)) ? ExitCode.Ok : ExitCode.Refused;
    }

    private static void Tell(OutputWriter output, List<(string File, IReadOnlyList<RowVerdict> Rows)> judged)
    {
        foreach (var (file, rows) in judged)
        {
            foreach (var wrong in rows.Where(r => !r.IsAsExpected))
            {
                output.Line($"{file}: rows[{wrong.Index}] \"{wrong.Row.Name}\": expected {wrong.Row.Expect}, got {wrong.Got}", Tone.Bad);
                if (wrong.Needs is { } needs)
                {
                    output.Line($"  to be allowed: {needs}", Tone.Faint);
                }
            }

            var count = rows.Count(r => !r.IsAsExpected);
            output.Line($"{file}: {rows.Count} rows, {(count == 0 ? "all as expected" : $"{count} otherwise than expected")}", count == 0 ? Tone.Good : Tone.Bad);
        }
    }

    private static void Write(Utf8JsonWriter json, List<(string File, IReadOnlyList<RowVerdict> Rows)> judged)
    {
        json.WriteStartObject();
        json.WriteBoolean("ok"u8, judged.TrueForAll(j => j.Rows.All(r => r.IsAsExpected)));
        json.WriteStartArray("rows"u8);
        foreach (var (file, row) in judged.SelectMany(j => j.Rows.Select(r => (j.File, r))))
        {
            json.WriteStartObject();
            json.WriteString("file"u8, file);
            json.WriteNumber("index"u8, row.Index);
            json.WriteString("name"u8, row.Row.Name);
            json.WriteBoolean("ok"u8, row.IsAsExpected);
            json.WriteString("expected"u8, row.Row.Expect);
            json.WriteString("got"u8, row.Got);
            if (row.Needs is { } needs)
            {
                json.WriteString("needs"u8, needs);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
