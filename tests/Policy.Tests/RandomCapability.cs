namespace Strata.Policy.Tests;

/// <summary>Capabilities and requests from a small world, so that they often have to do with each other.</summary>
internal static class RandomCapability
{
    private static readonly string[] Verbs = ["open", "read", "list"];
    private static readonly string?[] Prefixes = [null, "/", "/a", "/a/b", "/ab", "/a/b/c"];
    private static readonly string?[] Paths = [".", "b", "b/c", "/a", "/a/b/c", "/ab/c", "../x", "/", null];

    internal static CapabilityClaims Claims(Random random) => Samples.Claims with
    {
        Service = random.Next(4) == 0 ? "registry" : "fs",
        ExpiresAt = Samples.Now.AddMinutes(random.Next(1, 6)),
        Rights = Some(random, verb => "fs." + verb),
        Actions = random.Next(2) == 0 ? NameList.Empty : Some(random, verb => verb),
        Constraints = new()
        {
            PathPrefix = Pick(random, Prefixes) is { } text ? Samples.Prefix(text) : null,
            RateLimit = random.Next(2) == 0 ? null : new RateLimit(random.Next(1, 5)),
            Unknown = random.Next(20) == 0 ? NameList.Of("only_on") : NameList.Empty,
        },
    };

    internal static AuthorizationRequest Request(Random random) => Samples.Request with
    {
        Service = random.Next(8) == 0 ? "registry" : "fs",
        Right = "fs." + Pick(random, Verbs),
        NeedsPath = random.Next(4) != 0,
        Path = Pick(random, Paths),
        Now = Samples.Now.AddMinutes(random.Next(0, 6)),
    };

    private static NameList Some(Random random, Func<string, string> form) => NameList.Of(Verbs.Where(_ => random.Next(2) == 0).Select(form));

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
