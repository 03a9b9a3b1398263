namespace Strata.Policy.Tests;

public class RevocationRuleTests
{
    private const string Key = "v4key";
    private static readonly DateTimeOffset Later = Samples.Now.AddHours(1);
    private static readonly CapabilityClaims Plain = Samples.Claims with { Subject = "alice" };

    private static readonly CapabilityClaims Derived = Attenuation.Below(
        Plain with { CapabilityId = Samples.CapIdOf(7), Template = "agent", IssuedAt = Samples.Now.AddMinutes(-5) }, Plain with { Subject = "bob" });

    [Fact]
    public void A_revoked_capability_takes_everything_derived_from_it_along()
    {
        var grandchild = Attenuation.Below(Derived, Derived with { CapabilityId = Samples.CapIdOf(9) });
        var set = new RevocationSet();
        set.Add(new(Samples.CapIdOf(7), Later));

        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
        Assert.Equal(RevocationStatus.Revoked, set.Check(grandchild, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
    }

    [Fact]
    public void A_subject_is_revoked_with_what_others_derived_from_it_and_may_be_issued_to_again()
    {
        var set = With(new RevocationRule(RevocationScope.Subject, "alice", Samples.Now, Later));

        Assert.Equal(RevocationStatus.Revoked, set.Check(Plain, Key));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain with { Subject = "bob" }, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain with { IssuedAt = Samples.Now.AddTicks(1) }, Key));
    }

    [Fact]
    public void A_template_is_revoked_with_what_was_derived_from_it()
    {
        var set = With(new RevocationRule(RevocationScope.Template, "agent", Samples.Now, Later));

        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Derived with { Template = "other" }, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Derived with { IssuedAt = Samples.Now.AddSeconds(1) }, Key));
    }

    [Fact]
    public void A_key_is_revoked_whatever_date_its_tokens_bear_and_with_what_sound_keys_signed_for_their_holders()
    {
        var set = With(new RevocationRule(RevocationScope.Key, "lost", Samples.Now, Later));

        Assert.Equal(RevocationStatus.Revoked, set.Check(Plain with { IssuedAt = Samples.Now.AddDays(1) }, "lost"));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Derived with { IssuedAt = Samples.Now.AddSeconds(1) }, Key));
    }

    [Fact]
    public void Everything_before_a_time_goes_by_when_its_line_began()
    {
        var set = With(new RevocationRule(RevocationScope.Everything, RevocationRule.AnyValue, Samples.Now.AddMinutes(-5), Later));

        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
    }

    [Fact]
    public void The_set_says_what_each_rule_says_alone()
    {
        var random = new Random(5);
        string[] subjects = ["alice", "bob", "capability"];
        string?[] templates = ["agent", "other", null];
        var revoked = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var rules = Enumerable.Range(0, random.Next(0, 6)).Select(_ => RandomRule(random)).ToArray();
            var claims = Plain with { Subject = subjects[random.Next(3)], Template = templates[random.Next(3)], IssuedAt = Samples.Now.AddSeconds(random.Next(0, 5)) };
            if (random.Next(2) == 0)
            {
                claims = Attenuation.Below(claims with { CapabilityId = Samples.CapIdOf(3) }, claims with { Subject = subjects[random.Next(3)] });
            }

            var key = random.Next(3) == 0 ? "lost" : Key;
            var expected = rules.Any(rule => rule.Ends(claims, key));
            revoked += expected ? 1 : 0;
            Assert.Equal(expected ? RevocationStatus.Revoked : RevocationStatus.Active, With(rules).Check(claims, key));
        }

        Assert.InRange(revoked, 2_000, 18_000);
    }

    [Fact]
    public void Rules_of_one_target_become_one_and_one_that_says_no_more_is_known()
    {
        var rule = new RevocationRule(RevocationScope.Subject, "alice", Samples.Now, Later);
        var set = With(rule);
        Assert.Equal(RevokeOutcome.AlreadyRevoked, set.AddRule(rule));
        Assert.Equal(RevokeOutcome.AlreadyRevoked, set.AddRule(rule with { Before = Samples.Now.AddHours(-1) }));
        Assert.False(set.Covers(rule with { Before = Samples.Now.AddTicks(1) }));
        Assert.Equal(RevokeOutcome.Added, set.AddRule(rule with { Before = Samples.Now.AddSeconds(1), ExpiresAt = Samples.Now }));
        Assert.Equal([rule with { Before = Samples.Now.AddSeconds(1) }], set.Rules);
    }

    [Fact]
    public void A_rule_too_many_makes_the_set_trust_nobody()
    {
        var set = new RevocationSet();
        for (var i = 0; i < RevocationSet.MaxRules; i++)
        {
            Assert.Equal(RevokeOutcome.Added, set.AddRule(new RevocationRule(RevocationScope.Subject, "s" + Samples.CapIdOf(i), Samples.Now, Later)));
        }

        Assert.Equal(RevokeOutcome.AlreadyRevoked, set.AddRule(new RevocationRule(RevocationScope.Subject, "s" + Samples.CapIdOf(0), Samples.Now, Later)));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
        Assert.Equal(RevokeOutcome.Full, set.AddRule(new RevocationRule(RevocationScope.Subject, "one-more", Samples.Now, Later)));
        Assert.Equal(RevocationStatus.Unknown, set.Check(Plain, Key));
    }

    [Fact]
    public void Rules_are_pruned_and_replaced_like_ids()
    {
        var rule = new RevocationRule(RevocationScope.Subject, "alice", Samples.Now, Later);
        var set = With(rule);
        Assert.Equal(0, set.Prune(Later + ClockSkew.Max));
        Assert.Equal(1, set.Prune(Later + ClockSkew.Max + TimeSpan.FromTicks(1)));
        Assert.Empty(set.Rules);
        set.Replace([], rule);
        Assert.Equal([rule], set.Rules);
        set.Replace([]);
        Assert.Empty(set.Rules);
    }

    [Fact]
    public void What_is_left_when_some_rules_have_lapsed_says_what_it_said()
    {
        var longer = Later.AddHours(1);
        var set = With(
            new(RevocationScope.Subject, "gone", Samples.Now, Later), new(RevocationScope.Subject, "alice", Samples.Now.AddHours(-2), longer),
            new(RevocationScope.Template, "agent", Samples.Now.AddHours(-2), longer), new(RevocationScope.Key, "early", Samples.Now.AddMinutes(-10), longer),
            new(RevocationScope.Key, "lost", Samples.Now, longer), new(RevocationScope.Key, "middle", Samples.Now.AddMinutes(-9), longer));
        Assert.Equal(1, set.Prune(Later + ClockSkew.Max + TimeSpan.FromTicks(1)));

        Assert.Equal(RevocationStatus.Active, set.Check(Plain with { Subject = "gone" }, Key));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, Key));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Plain with { IssuedAt = Samples.Now.AddHours(-3) }, Key));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Plain with { Subject = "bob", Template = "agent", IssuedAt = Samples.Now.AddHours(-3) }, Key));
        Assert.All(["early", "lost", "middle"], key => Assert.Equal(RevocationStatus.Revoked, set.Check(Plain, key)));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain, "alice"));
        // Of the keys' times the latest counts for what was derived.
        Assert.Equal(RevocationStatus.Revoked, set.Check(Derived, Key));
    }

    [Theory]
    [InlineData(RevocationScope.Subject, "two words")]
    [InlineData(RevocationScope.Subject, "")]
    [InlineData(RevocationScope.Template, "Agent")]
    [InlineData(RevocationScope.Key, "*")]
    [InlineData(RevocationScope.Everything, "alice")]
    [InlineData((RevocationScope)99, "alice")]
    public void A_rule_whose_value_does_not_fit_is_no_rule(RevocationScope scope, string value) =>
        Assert.Throws<ArgumentException>(() => new RevocationSet().AddRule(new RevocationRule(scope, value, Samples.Now, Later)));

    [Fact]
    public void A_snapshot_with_a_rule_that_is_none_changes_nothing()
    {
        var set = With(new RevocationRule(RevocationScope.Subject, "alice", Samples.Now, Later));
        var refusal = Assert.Throws<ArgumentException>(() => set.Replace([], new RevocationRule(RevocationScope.Subject, "two words", Samples.Now, Later)));
        Assert.StartsWith("The rule's value does not fit its scope.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("alice", Assert.Single(set.Rules).Value);
    }

    [Fact]
    public void Claims_that_no_verifier_has_seen_are_of_no_key()
    {
        var set = With(new RevocationRule(RevocationScope.Key, "lost", Samples.Now, Later));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain));
        Assert.Equal(RevocationStatus.Active, set.Check(Plain with { SignedBy = "found" }));
        Assert.Equal(RevocationStatus.Revoked, set.Check(Plain with { SignedBy = "lost" }));
    }

    [Fact]
    public void What_revoked_a_capability_is_told_the_first_of_its_family_before_its_own_and_an_id_before_a_rule()
    {
        var rule = new RevocationRule(RevocationScope.Subject, "alice", Samples.Now, Later);
        var set = With(new(RevocationScope.Template, "agent", Samples.Now, Later), rule, new(RevocationScope.Key, "lost", Samples.Now, Later));
        Assert.Equal("subject alice", set.CauseOf(Derived with { SignedBy = "lost" }));
        Assert.Equal("key lost", set.CauseOf(Plain with { Subject = "bob", SignedBy = "lost" }));
        Assert.Null(set.CauseOf(Plain with { Subject = "bob" }));
        set.Add(new(Derived.CapabilityId, Later));
        Assert.Equal($"cap_id {Derived.CapabilityId}", set.CauseOf(Derived));
        set.Add(new(Samples.CapIdOf(7), Later));
        Assert.Equal($"cap_id {Samples.CapIdOf(7)}", set.CauseOf(Derived));
    }

    private static RevocationRule RandomRule(Random random)
    {
        var (scope, values) = random.Next(4) switch
        {
            0 => (RevocationScope.Subject, new[] { "alice", "bob", "carol" }),
            1 => (RevocationScope.Template, ["agent", "unused", "spare"]),
            2 => (RevocationScope.Key, ["lost", "found", "spare"]),
            _ => (RevocationScope.Everything, ["*", "*", "*"]),
        };
        return new RevocationRule(scope, values[random.Next(3)], Samples.Now.AddSeconds(random.Next(-2, 4)), Later);
    }

    private static RevocationSet With(params RevocationRule[] rules)
    {
        var set = new RevocationSet();
        foreach (var rule in rules)
        {
            set.AddRule(rule);
        }

        return set;
    }
}
