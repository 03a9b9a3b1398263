using Strata.Ipc;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Errors;

/// <summary>Advice for calls that a capability does not allow: what is missing, and the command that grants it.</summary>
internal static class PermissionAdvice
{
    /// <summary>The rights that a person means who wants to use a service, where one method alone is of little use.</summary>
    private static readonly string[] FsRights = ["fs.open", "fs.read", "fs.list", "fs.stat"];

    public static IReadOnlyList<string> For(CallFailure failure) => failure.Error.Reason switch
    {
        "right_missing" =>
            [$"missing right: {string.Join(" or ", RightsOf(failure))}", $"a capability that has it: {IssueLine(failure)}"],
        "path_outside_prefix" =>
            ["strata-ctl token show prints the path_prefix of the token", $"a capability for another directory: {IssueLine(failure)}"],
        "no_path_prefix" => [$"a capability with a directory: {IssueLine(failure)}"],
        "wrong_service" => [$"a capability for {failure.Service}: {IssueLine(failure)}"],
        "exceeds_authority" => ["ask for fewer rights, a deeper prefix or a shorter life than your own token has"],
        "peer_not_authorized" =>
            [$"run as root or as the user of the node, or give a token with the right {RightOf(failure)}", $"which they can issue: {IssueLine(failure)}"],
        _ when failure.Service == "sandbox" && SandboxAdvice.ForDenied(failure.Error.Reason) is { } advice => advice,
        _ => [$"needed right: {RightOf(failure)}", $"a capability that has it: {IssueLine(failure)}"],
    };

    /// <summary>The command that issues a capability for this call.</summary>
    public static string IssueLine(CallFailure failure)
    {
        string[] usual = failure.Service switch { "fs" => FsRights, "sandbox" => SandboxAdvice.UsualRights, _ => [] };
        var rights = string.Join(',', usual.Concat(RightsOf(failure)).Distinct());
        // Whose capability has no subject keeps its sessions no longer than that very capability.
        var prefix = failure.Service switch { "fs" => $" --prefix {PrefixFor(failure.Resource)}", "sandbox" => " --subject NAME", _ => "" };
        return $"strata-ctl token issue --service {failure.Service} --rights {rights}{prefix} --ttl 10m";
    }

    // A workspace without a session takes a right beside that of the method.
    private static string[] RightsOf(CallFailure failure) =>
        failure is { Service: "sandbox", Resource: ['@', ..] } ? [RightOf(failure), "sandbox.workspace"] : [RightOf(failure)];

    /// <summary>The right the service named, else the one that carries the method's name; closing needs the right to open.</summary>
    private static string RightOf(CallFailure failure) =>
        failure.Error.Details.FirstOrDefault(d => d.Key == "right").Value ?? failure.Method switch
        {
            "fs.close" => "fs.open",
            "fs.upload_write" or "fs.upload_commit" or "fs.upload_discard" => "fs.upload",
            "identity.confirm" => "identity.watch",
            "registry.unregister" => "registry.register",
            var method when failure.Service == "sandbox" => SandboxAdvice.RightOf(method),
            var method => method,
        };

    private static string PrefixFor(string? path) =>
        path is ['/', ..] && Path.GetDirectoryName(path) is { Length: > 1 } directory ? ShellQuote.Of(directory) : "DIR";
}
