using Strata.Ipc;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Errors;

namespace Strata.StrataCtl.Tests.Errors;

public class AdviceTests
{
    private static CallFailure Failure(string method, ErrorCode code, string? reason = null, bool answered = true) =>
        new(method, "/run/strata/x.sock", new RpcError(code, "message") { Reason = reason }, answered);

    private static string For(CallFailure failure) => string.Join('\n', Advice.For(failure));

    [Fact]
    public void An_unreachable_service_is_named_by_its_socket()
    {
        var advice = For(Failure("fs.list", ErrorCode.Unavailable, "cannot_connect", answered: false));
        Assert.Contains("socket: /run/strata/x.sock", advice, StringComparison.Ordinal);
        Assert.Contains("is the node running?", advice, StringComparison.Ordinal);
        Assert.Contains("svc explain fs", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_a_unit_runs_is_started_by_it()
    {
        var failure = Failure("supervisor.status", ErrorCode.Unavailable, "cannot_connect", answered: false);
        Assert.Contains("start it with ./run.sh", For(failure), StringComparison.Ordinal);
        Assert.Contains("start it with systemctl start strata; journalctl -u strata tells why it does not run", For(failure with { HasUnit = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_may_not_reach_the_node_is_not_told_to_start_it()
    {
        var advice = For(Failure("supervisor.status", ErrorCode.Unavailable, "may_not_connect", answered: false));
        Assert.Contains("run as root or as the user of the node, or let this user enter /run/strata", advice, StringComparison.Ordinal);
        Assert.DoesNotContain("start it", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_lacks_a_shell_or_an_image_is_told_the_command_that_does_without_or_gets_it()
    {
        var advice = For(Failure("sandbox.exec", ErrorCode.Unavailable, "no_shell") with { Resource = "work" });
        Assert.Contains("sandbox exec work --stateless", advice, StringComparison.Ordinal);
        Assert.DoesNotContain("try again", advice, StringComparison.Ordinal);
        Assert.Contains("sandbox image pull", For(Failure("sandbox.create", ErrorCode.NotFound, "image_not_found")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/systemd/system")]
    [InlineData("usr/lib/systemd/system")]
    [InlineData("lib/systemd/system")]
    public void A_unit_is_found_where_packages_and_people_put_it(string place)
    {
        using var root = new TempDirectory();
        Assert.False(InstalledUnit.IsThere(root.Path));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(root[place]).FullName, "strata.service"), "[Unit]\n");
        Assert.True(InstalledUnit.IsThere(root.Path));
    }

    [Fact]
    public void A_late_answer_is_not_taken_for_a_missing_node()
    {
        var advice = For(Failure("fs.list", ErrorCode.Unavailable, "deadline_exceeded", answered: false));
        Assert.Contains("--timeout", advice, StringComparison.Ordinal);
        Assert.DoesNotContain("is the node running", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_right_is_named_with_the_line_that_grants_it()
    {
        var advice = For(Failure("supervisor.svc.stop", ErrorCode.PermissionDenied, "right_missing"));
        Assert.Contains("missing right: supervisor.svc.stop", advice, StringComparison.Ordinal);
        Assert.Contains("strata-ctl token issue --service supervisor --rights supervisor.svc.stop --ttl 10m", advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_right_that_the_service_names_goes_before_the_name_of_the_method()
    {
        var failure = Failure("x.do", ErrorCode.PermissionDenied, "right_missing");
        failure = failure with { Error = failure.Error with { Details = [new("right", "x.change")] } };
        Assert.Contains("--rights x.change ", For(failure), StringComparison.Ordinal);
    }

    [Fact]
    public void The_granting_line_quotes_the_directory_for_a_shell()
    {
        var failure = Failure("fs.open", ErrorCode.PermissionDenied, "path_outside_prefix") with { Resource = "/srv/it's here; rm/x" };
        Assert.Contains(@"--prefix '/srv/it'\''s here; rm'", For(failure), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "missing_token", "--token TOKEN, --token-file FILE, STRATA_TOKEN or STRATA_TOKEN_FILE")]
    [InlineData(true, "expired", "issue a new one: strata-ctl token issue --service fs")]
    [InlineData(true, "proof_missing", "--holder-key FILE or STRATA_HOLDER_KEY_FILE")]
    [InlineData(true, "proof_invalid", "--holder-key")]
    [InlineData(true, "proof_replayed", "signed anew")]
    [InlineData(true, "already_used", "strata-ctl token issue --service fs")]
    [InlineData(true, "revoked", "strata-ctl token show")]
    [InlineData(true, null, "strata-ctl token show")]
    [InlineData(true, "not_yet_valid", "clock")]
    public void Advice_on_a_token_depends_on_what_is_wrong_with_it(bool had, string? reason, string expected) =>
        Assert.Contains(expected, For(Failure("fs.open", ErrorCode.Unauthenticated, reason) with { HadToken = had }), StringComparison.Ordinal);

    [Theory]
    [InlineData("fs.read", ErrorCode.InvalidArgument, null, "strata-ctl describe fs.read")]
    [InlineData("supervisor.svc.start", ErrorCode.NotFound, null, "strata-ctl svc list")]
    [InlineData("registry.resolve", ErrorCode.NotFound, null, "strata-ctl registry list")]
    [InlineData("fs.read", ErrorCode.Internal, null, "log of fs")]
    [InlineData("fs.read", ErrorCode.ResourceExhausted, "rate_limited", "--rate")]
    [InlineData("fs.read", ErrorCode.Unavailable, "verifier_stale", "svc explain identity")]
    [InlineData("fs.read", ErrorCode.Unavailable, "use_unavailable", "svc explain identity")]
    [InlineData("fs.read", ErrorCode.Unavailable, "draining", "try again")]
    public void Every_code_has_advice(string method, ErrorCode code, string? reason, string expected) =>
        Assert.Contains(expected, For(Failure(method, code, reason)), StringComparison.Ordinal);

    [Fact]
    public void A_conflict_points_to_the_state_of_the_service() => Assert.Contains(
        "svc explain fs", For(Failure("supervisor.svc.start", ErrorCode.Conflict) with { Resource = "fs" }), StringComparison.Ordinal);

    [Fact]
    public void A_message_from_a_service_cannot_move_the_terminal()
    {
        var failure = Failure("fs.open", ErrorCode.NotFound);
        failure = failure with { Error = failure.Error with { Message = "\e[2Jgone\nerror: forged" } };
        Assert.DoesNotContain('\e', ErrorReport.Text(failure, coloured: false));
        Assert.DoesNotContain("\nerror: forged", ErrorReport.Text(failure, coloured: false), StringComparison.Ordinal);
        Assert.Equal(1, ErrorReport.Json(failure).Count(c => char.IsControl(c)));
    }

    [Fact]
    public void A_capability_is_not_taken_for_a_service_to_explain()
    {
        var failure = Failure("identity.revoke", ErrorCode.Unavailable, "draining") with { Resource = "0123456789abcdef" };
        Assert.Contains("svc explain identity", For(failure), StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", For(failure), StringComparison.Ordinal);
        var full = Failure("identity.revoke", ErrorCode.Unavailable, "audit_unavailable") with { Resource = "0123456789abcdef" };
        Assert.Contains("disk", For(full), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_of_sandboxes_is_granted_by_the_right_that_it_takes()
    {
        using var methods = System.Text.Json.JsonDocument.Parse(Checkout.Read("api/methods.json"));
        var seen = 0;
        foreach (var (method, access) in methods.RootElement.EnumerateObject().Where(p => p.Name.StartsWith("sandbox.", StringComparison.Ordinal)).Select(p => (p.Name, p.Value.GetString()!)))
        {
            if (access.Split(' ') is ["right", var right, ..])
            {
                Assert.Equal((method, right), (method, SandboxAdvice.RightOf(method)));
                seen++;
            }
        }

        Assert.True(seen > 40, $"{seen} methods");
    }

    [Theory]
    [InlineData("sandbox.exec", ErrorCode.Conflict, "session_paused", "strata-ctl sandbox resume")]
    [InlineData("sandbox.upload", ErrorCode.Conflict, "exists", "--force")]
    [InlineData("sandbox.create", ErrorCode.Unavailable, "network_unavailable", "--network proxy")]
    [InlineData("sandbox.create", ErrorCode.Unavailable, "limits_unavailable", "strata-ctl sandbox doctor")]
    [InlineData("sandbox.create", ErrorCode.PermissionDenied, "image_denied", "strata-ctl token show")]
    [InlineData("sandbox.attach", ErrorCode.NotFound, "job_not_found", "strata-ctl sandbox jobs")]
    public void A_refusal_of_sandboxes_names_the_command_that_helps_and_no_right_that_was_held(string method, ErrorCode code, string reason, string advice)
    {
        var said = For(Failure(method, code, reason));
        Assert.Contains(advice, said, StringComparison.Ordinal);
        Assert.DoesNotContain("right", said, StringComparison.Ordinal);
        Assert.DoesNotContain("try again", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workspace_without_a_session_takes_two_rights() =>
        Assert.Contains(
            "sandbox.write,sandbox.workspace",
            For(Failure("sandbox.upload", ErrorCode.PermissionDenied, "right_missing") with { Resource = "@data" }), StringComparison.Ordinal);
}
