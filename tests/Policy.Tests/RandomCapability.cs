namespace Strata.Policy.Tests;

/// <summary>Capabilities and requests from a small world, so that they often have to do with each other.</summary>
internal static class RandomCapability
{
    private static readonly string[] Verbs = ["open", "read", "list"];
    // Made once: a million chains ask for them again and again.
    private static readonly PathPrefix?[] Prefixes = [null, .. new[] { "/", "/a", "/a/b", "/ab", "/a/b/c" }.Select(Samples.Prefix)];
    private static readonly NameList[] SomeRights = SubsetsOf(verb => "fs." + verb);
    private static readonly NameList[] SomeActions = SubsetsOf(verb => verb);
    private static readonly string[] Methods = [.. Verbs.Select(verb => "fs." + verb)];
    private static readonly string?[] Paths = [".", "b", "b/c", "/a", "/a/b/c", "/ab/c", "../x", "/", null];

    private static readonly HolderKey[] Keys = [HolderKey.Of(TestKeys.V2.VerificationKey.PublicKey), HolderKey.Of(TestKeys.V4.VerificationKey.PublicKey)];

    internal static CapabilityClaims Claims(Random random) => Samples.Claims with
    {
        Service = random.Next(4) == 0 ? "registry" : "fs",
        ExpiresAt = Samples.Now.AddMinutes(random.Next(1, 6)),
        Rights = Pick(random, SomeRights),
        Actions = random.Next(2) == 0 ? NameList.Empty : Pick(random, SomeActions),
        Constraints = new()
        {
            PathPrefix = Pick(random, Prefixes),
            RateLimit = random.Next(2) == 0 ? null : new RateLimit(random.Next(1, 5)),
            MethodsDenied = random.Next(3) != 0 ? NameList.Empty : Pick(random, SomeRights),
            MaxBytes = random.Next(3) != 0 ? null : random.Next(1, 4),
            QuotaBytes = random.Next(3) != 0 ? null : random.Next(1, 4),
            ReadOnly = random.Next(4) == 0,
            NotBefore = random.Next(4) != 0 ? null : Samples.Now.AddMinutes(random.Next(0, 4)),
            Uid = random.Next(4) != 0 ? null : (uint)random.Next(0, 2),
            Once = random.Next(6) == 0,
            HolderKey = random.Next(6) != 0 ? null : Keys[random.Next(Keys.Length)],
            Sandbox = random.Next(3) != 0 ? SandboxBounds.None : Bounds(random),
            Unknown = random.Next(20) == 0 ? NameList.Of("only_on") : NameList.Empty,
        },
    };

    /// <summary>A capability that differs from another in a few things: independent ones are hardly ever within each other.</summary>
    internal static CapabilityClaims Near(Random random, CapabilityClaims other)
    {
        var from = Claims(random);
        var (mine, theirs) = (other.Constraints, from.Constraints);
        var near = other with { Constraints = mine };
        for (var change = random.Next(0, 4); change > 0; change--)
        {
            mine = near.Constraints;
            near = random.Next(13) switch
            {
                0 => near with { Rights = from.Rights },
                1 => near with { Actions = from.Actions },
                2 => near with { ExpiresAt = from.ExpiresAt },
                3 => near with { Constraints = mine with { PathPrefix = theirs.PathPrefix } },
                4 => near with { Constraints = mine with { RateLimit = theirs.RateLimit } },
                5 => near with { Constraints = mine with { MethodsDenied = theirs.MethodsDenied } },
                6 => near with { Constraints = mine with { MaxBytes = theirs.MaxBytes, ReadOnly = theirs.ReadOnly } },
                7 => near with { Constraints = mine with { QuotaBytes = theirs.QuotaBytes } },
                8 => near with { Constraints = mine with { NotBefore = theirs.NotBefore } },
                9 => near with { Constraints = mine with { Uid = theirs.Uid } },
                11 => near with { Constraints = mine with { Sandbox = theirs.Sandbox } },
                10 => near with { Constraints = mine with { Once = theirs.Once } },
                _ => near with { Constraints = mine with { HolderKey = theirs.HolderKey } },
            };
        }

        return near;
    }

    internal static AuthorizationRequest Request(Random random) => Samples.Request with
    {
        Service = random.Next(8) == 0 ? "registry" : "fs",
        Right = Pick(random, Methods),
        NeedsPath = random.Next(4) != 0,
        Path = Pick(random, Paths),
        Now = Samples.Now.AddMinutes(random.Next(0, 6)),
        Method = random.Next(10) == 0 ? "" : Pick(random, Methods),
        PeerUid = random.Next(4) == 0 ? null : (uint)random.Next(0, 2),
        Use = (UseStatus)random.Next(0, 3),
        Proof = (ProofStatus)random.Next(0, 4),
        Enforced = random.Next(2) == 0 ? ServiceConstraints.All : (ServiceConstraints)random.Next(0, 16),
    };

    /// <summary>Bounds from few names, so that they often cover each other.</summary>
    internal static SandboxBounds Bounds(Random random) => new()
    {
        Images = Some(random, "host", "py*", "python:*", "python:3", "*"),
        Networks = Some(random, "none", "proxy", "bridge", "host"),
        Domains = Some(random, "example.org", "*.example.org", "a.example.org", "*.org"),
        Commands = Some(random, "/bin/a", "/bin/b"),
        MaxMemoryBytes = Few(random), MaxCpuMillis = Few(random), MaxPids = Few(random), MaxDiskBytes = Few(random), MaxSessions = Few(random),
    };

    private static NameList Some(Random random, params string[] names) => random.Next(2) == 0 ? NameList.Empty : NameList.Of(names.Where(_ => random.Next(2) == 0));

    private static long? Few(Random random) => random.Next(2) == 0 ? null : random.Next(1, 4);

    private static NameList[] SubsetsOf(Func<string, string> form) =>
        [.. Enumerable.Range(0, 1 << Verbs.Length).Select(bits => NameList.Of(Verbs.Where((_, i) => (bits >> i & 1) != 0).Select(form)))];

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
