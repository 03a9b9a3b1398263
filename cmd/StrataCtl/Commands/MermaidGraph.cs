using System.Globalization;
using System.Text;
using Strata.Contracts;

namespace Strata.StrataCtl.Commands;

/// <summary>The graph in the language of Mermaid, which many viewers of Markdown draw: solid for requires, dotted for wants.</summary>
internal static class MermaidGraph
{
    public static string Of(IReadOnlyList<GraphService> services)
    {
        var text = new StringBuilder("graph TD\n");
        // Names may be words of the language, such as "end"; numbers are not.
        var ids = services.Index().ToDictionary(s => s.Item.Name, s => string.Create(CultureInfo.InvariantCulture, $"s{s.Index}"), StringComparer.Ordinal);
        foreach (var service in services)
        {
            text.Append("  ").Append(ids[service.Name]).Append("[\"").Append(Plain(service.Name)).Append("<br/>").Append(Plain(service.State)).Append("\"]\n");
        }

        foreach (var service in services)
        {
            Append(service, service.Requires, "-->");
            Append(service, service.Wants, "-.->");
        }

        return text.ToString();

        void Append(GraphService service, IEnumerable<string> others, string arrow)
        {
            foreach (var other in others.Where(ids.ContainsKey))
            {
                text.Append("  ").Append(ids[service.Name]).Append(' ').Append(arrow).Append(' ').Append(ids[other]).Append('\n');
            }
        }
    }

    // What comes from the wire must not become part of the drawing.
    private static string Plain(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
