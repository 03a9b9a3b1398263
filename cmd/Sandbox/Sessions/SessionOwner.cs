using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>
/// Whose sessions a capability reaches. Whoever holds a capability may derive another one from it and choose its subject, so the subject alone proves nothing:
/// the owner is the way of subjects from the root of the chain on. Nobody derives another's way, and each derived subject has sessions of its own.
/// </summary>
internal static class SessionOwner
{
    // Neither is part of any subject, so that no two ways are written alike.
    private const char Next = '>';
    private const char Nameless = '#';

    /// <summary>The owner.</summary>
    internal static string Of(CapabilityClaims claims)
    {
        var way = new List<string>();
        var subject = claims.Subject;
        for (var i = claims.Chain.Count; i >= 0; i--)
        {
            subject = i == claims.Chain.Count ? subject : claims.Chain[i].Subject ?? subject;
            if (way.Count == 0 || way[^1] != subject)
            {
                way.Add(subject);
            }
        }

        // Capabilities for nobody in particular have nothing in common but that.
        way[^1] = way[^1] == CapabilityNames.AnonymousSubject ? $"{Nameless}{claims.Root ?? claims.CapabilityId}" : way[^1];
        way.Reverse();
        return string.Join(Next, way);
    }
}
