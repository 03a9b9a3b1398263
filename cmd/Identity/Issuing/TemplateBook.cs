using System.Text.Json;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The templates of the node: capabilities to be issued by name, so that an operator does not write them out each time. They
/// stand in <c>templates.json</c> of identity's state, as an object of names and what <c>identity.issue</c> takes.
/// </summary>
internal sealed class TemplateBook
{
    internal const string FileName = "templates.json";

    /// <summary>Most templates.</summary>
    internal const int MaxTemplates = 64;

    private const int MaxFileBytes = 256 * 1024;

    private readonly Dictionary<string, CapabilityGrant> _byName;

    private TemplateBook(Dictionary<string, CapabilityGrant> byName) => _byName = byName;

    /// <summary>The names, for a person.</summary>
    internal string Names => _byName.Count == 0 ? $"none is declared in {FileName}" : string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal));

    /// <summary>Reads the templates; none when there is no file.</summary>
    /// <exception cref="SettingsException">One cannot be issued as it stands; the message names it and its field.</exception>
    internal static TemplateBook Load(IdentityDirectory directory, IssueLimits limits)
    {
        var path = Path.Combine(directory.Path, FileName);
        var content = directory.TryRead(FileName, MaxFileBytes);
        var byName = new Dictionary<string, CapabilityGrant>(StringComparer.Ordinal);
        foreach (var (name, wanted) in content is null ? new Dictionary<string, IssueParams>() : Parse(path, content))
        {
            if (!CapabilityNames.IsService(name))
            {
                throw new SettingsException($"{path}: \"{name}\" is no name of a template: use lower-case letters, digits, '_' and '-', such as agent-readonly");
            }

            if (wanted.Template is not null || wanted.Subject is not null)
            {
                throw new SettingsException($"{path}: {name}: a template has no template and no subject; these are given at issue");
            }

            if (!IssueValidation.TryValidate(WishOf.Issue(wanted), limits, out var grant, out var fault))
            {
                throw new SettingsException($"{path}: {name}: {fault}");
            }

            byName.Add(name, grant);
        }

        return byName.Count <= MaxTemplates
            ? new TemplateBook(byName)
            : throw new SettingsException($"{path} has {byName.Count} templates, more than the {MaxTemplates} there may be");
    }

    internal CapabilityGrant? Find(string name) => _byName.GetValueOrDefault(name);

    private static Dictionary<string, IssueParams> Parse(string path, byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.EnumerateObject().ToDictionary(
                member => member.Name, member => member.Value.Deserialize(ContractsJson.Default.IssueParams) ?? throw new JsonException($"{member.Name} is null"), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingsException($"{path} is not an object of templates as identity.issue takes them: {e.Message}", e);
        }
    }
}
