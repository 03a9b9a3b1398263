using Strata.Supervision;

namespace Strata.StrataCtl.Manual;

/// <summary>The page of manifests, made from the table that their reader follows.</summary>
internal static class ManifestPage
{
    public const string Name = "strata.service.json";

    private static readonly string[] Example =
    [
        "{",
        "  // Comments and trailing commas are allowed.",
        "  \"name\": \"hello\",",
        "  \"exec\": [\"python3\", \"/srv/hello/hello.py\"],",
        "  \"requires\": [\"identity\"],",
        "  \"watchdog\": { \"interval\": \"10s\" },",
        "}",
    ];

    public static ManualPage Of(string version)
    {
        var page = new Roff(Name, 5, version);
        page.Section("NAME").Line(Roff.Plain(Name), " \\- ", Roff.Plain("manifest of a service of a Strata node"));
        page.Section("SYNOPSIS").Line(Roff.Italic("/etc/strata/services.d/NAME.service.json"));
        page.Section("DESCRIPTION").Line(Roff.Plain(
            "A file declares a service: what to run, what it needs, how it is watched. It is JSON in UTF-8, the fields joined by a dot below lie inside one another. A time is a whole number and its unit (ms, s, m, h), a size is one, too (K, M, G)."));
        page.Section("FIELDS");
        foreach (var field in ManifestSchema.Fields())
        {
            page.Entry(Roff.Bold(field.Path), Meaning(field));
        }

        page.Section("EXAMPLES").Verbatim(Example);
        page.Section("SEE ALSO").Line($"{Roff.Bold("supervisor")}(8),\n{Roff.Bold("strata-ctl-config")}(1),\n{Roff.Bold("strata-exec")}(1)");
        return new ManualPage(Name, 5, page.ToString());
    }

    private static string Meaning(ManifestFieldText field)
    {
        var range = field.Range.Length > 0 ? $" Range: {field.Range}." : "";
        var preset = field.IsRequired ? " Required." : field.Default is { } value ? $" Default: {value}." : "";
        return $"{field.Description}.{range}{preset}";
    }
}
