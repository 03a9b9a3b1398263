namespace Strata.StrataCtl.Tokens;

/// <summary>What one step of a chain narrowed, in words. Pure.</summary>
internal static class Narrowed
{
    /// <summary>What the child has less of than its parent; empty when nothing, null when one of the two is not known.</summary>
    public static IReadOnlyList<string>? Between(CapabilityFacts parent, CapabilityFacts child)
    {
        if (!parent.IsKnown || !child.IsKnown)
        {
            return null;
        }

        List<string> steps = [];
        Add("rights", parent.Rights.Except(child.Rights, StringComparer.Ordinal), dropped => $"without {dropped}");
        Add("methods_denied", child.MethodsDenied.Except(parent.MethodsDenied, StringComparer.Ordinal), added => added);
        foreach (var name in child.Limits.Keys.Union(parent.Limits.Keys))
        {
            var (before, after) = (parent.Limits.GetValueOrDefault(name), child.Limits.GetValueOrDefault(name));
            if (before != after)
            {
                steps.Add($"{name}: {before ?? "any"} -> {after ?? "none"}");
            }
        }

        if (parent.Expires != child.Expires)
        {
            steps.Add($"ends: {parent.Expires} -> {child.Expires}");
        }

        if (parent.Subject != child.Subject)
        {
            steps.Add($"subject: {parent.Subject} -> {child.Subject}");
        }

        return steps;

        void Add(string what, IEnumerable<string> names, Func<string, string> say)
        {
            if (string.Join(", ", names) is { Length: > 0 } text)
            {
                steps.Add($"{what}: {say(text)}");
            }
        }
    }
}
