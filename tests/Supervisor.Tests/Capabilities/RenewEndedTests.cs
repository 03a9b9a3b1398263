using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Policy;
using Strata.Supervision;

namespace Strata.Supervisor.Tests.Capabilities;

/// <summary>What a service was handed and a sweeping revocation has ended is issued anew; what was revoked by name is not.</summary>
public sealed class RenewEndedTests : IDisposable
{
    private readonly TempDirectory _dir = new();
    private readonly ManualTime _time = new();
    private readonly RevocationSet _revocations = new();
    private readonly SigningIssuer _identity;
    private readonly CapabilityKeeper _keeper;
    private readonly TokenVerifier _verifier;

    public RenewEndedTests()
    {
        _identity = new SigningIssuer(_time);
        _verifier = new TokenVerifier(_identity.Provider, KeySet.Of(_identity.Old.VerificationKey, _identity.New.VerificationKey), _revocations);
        var settings = new NodeSettings { RuntimeDir = _dir["run"], StateDir = _dir["state"], NodeId = "n" };
        Directory.CreateDirectory(settings.RuntimeDir);
        Directory.CreateDirectory(settings.StateDir);
        _keeper = new CapabilityKeeper(settings, new RenewalPlan(TimeSpan.FromHours(1)), _identity, _time, NullLogger.Instance);
    }

    private static ServiceManifest Holder { get; } = TestNode.Stub("holder") with { Capabilities = [new HeldCapability { Service = "fs", Rights = ["fs.list"] }] };

    public void Dispose()
    {
        _dir.Dispose();
        _identity.Old.Dispose();
        _identity.New.Dispose();
    }

    [Fact]
    public async Task What_ended_with_its_key_is_issued_anew_by_the_key_that_signs_now()
    {
        var path = await _keeper.GrantAsync(Holder, 1, null);
        var before = await File.ReadAllTextAsync(path!, TestContext.Current.CancellationToken);
        _identity.IsRotated = true;
        Revoke(RevocationScope.Key, _identity.Old.VerificationKey.KeyId);

        _keeper.RenewEnded(_verifier);

        await Patience.UntilAsync(() => File.ReadAllText(path!) != before);
        Assert.Equal(2, _identity.Issued);
        _keeper.RenewEnded(_verifier);
        Assert.Equal(2, _identity.Issued);
    }

    [Fact]
    public async Task What_a_revoked_key_signed_and_comes_too_late_is_fetched_again()
    {
        Revoke(RevocationScope.Key, _identity.Old.VerificationKey.KeyId);
        _keeper.RenewEnded(_verifier);
        var path = await _keeper.GrantAsync(Holder, 1, null);
        var before = await File.ReadAllTextAsync(path!, TestContext.Current.CancellationToken);
        _identity.IsRotated = true;

        await Patience.UntilAsync(() => _time.ArmedTimers == 1);
        _time.Advance(RenewalPlan.Retry(1));

        await Patience.UntilAsync(() => File.ReadAllText(path!) != before);
        Assert.Equal(2, _identity.Issued);
    }

    [Theory]
    [InlineData(RevocationScope.Subject, "service:holder")]
    [InlineData(RevocationScope.Key, "k2.pid.another")]
    public async Task What_was_revoked_by_its_subject_or_not_at_all_is_left_as_it_is(RevocationScope scope, string value)
    {
        await _keeper.GrantAsync(Holder, 1, null);
        Revoke(scope, value);

        _keeper.RenewEnded(_verifier);
        // Whoever is to be renewed would be asked for again in the order of such calls.
        await _keeper.GrantAsync(Holder with { Name = "other" }, 1, null);

        Assert.Equal(2, _identity.Issued);
    }

    private void Revoke(RevocationScope scope, string value) =>
        _revocations.AddRule(new RevocationRule(scope, value, _time.GetUtcNow(), _time.GetUtcNow().AddDays(1)));

    /// <summary>An issuer of real tokens, by one key and after a rotation by another.</summary>
    private sealed class SigningIssuer(TimeProvider time) : ICapabilityIssuer
    {
        private int _issued;

        internal IEd25519 Provider { get; } = Ed25519Provider.Create();

        internal SigningKey Old { get; } = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V2);

        internal SigningKey New { get; } = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V2);

        internal bool IsRotated { get; set; }

        internal int Issued => Volatile.Read(ref _issued);

        public Task<IReadOnlyList<IssueResult>> IssueAsync(IReadOnlyList<IssueParams> wanted, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<IssueResult>>([.. wanted.Select(Issue)]);

        public Task RevokeAsync(IReadOnlyList<string> capabilityIds, CancellationToken cancellation) => Task.CompletedTask;

        private IssueResult Issue(IssueParams wanted)
        {
            var id = Interlocked.Increment(ref _issued).ToString("x32", CultureInfo.InvariantCulture);
            var request = new IssueRequest { Service = wanted.Service, Rights = wanted.Rights, Subject = wanted.Subject, TtlSeconds = wanted.TtlSeconds };
            Assert.True(IssueValidation.TryValidate(request, IssueLimits.Default, out var grant, out _));
            var claims = grant.ToClaims("identity@n", id, time.GetUtcNow());
            return new IssueResult(TokenIssuer.Issue(claims, IsRotated ? New : Old), id, claims.ExpiresAt.ToUnixTimeSeconds());
        }
    }
}
