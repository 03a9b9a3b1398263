using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity;

/// <summary>Declares identity's methods.</summary>
internal static class IdentityMethods
{
    internal const string IssueRight = "identity.issue";
    internal const string RevokeRight = "identity.revoke";
    internal const string WatchRight = "identity.watch";
    internal const string SealRight = "identity.seal";
    internal const string SealsRight = "identity.seals";
    internal const string RotateRight = "identity.rotate";
    internal const string ListRight = "identity.list";
    internal const string UseRight = "identity.use";

    private static readonly StatusResult Confirmed = new("confirmed");

    internal static IReadOnlyList<Method> Declare(
        CapabilityIssuer issuer, IssuedMethods issued, Revoker revoker, TokenIntrospection introspection, WatchStream watch, RevocationBoard board, Func<string, string> keyIdOf) =>
    [
        new UnaryMethod<IssueParams, IssueResult>(
            "identity.issue", "Issues a capability; a holder of identity.issue gets at most what its own capability holds.",
            Access.RightOrAuthority(IssueRight), () => ContractsJson.Default.IssueParams, () => ContractsJson.Default.IssueResult, issuer.IssueAsync)
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<AttenuateParams, IssueResult>(
            "identity.attenuate", "Derives a narrower capability from the caller's own, which is all the authority it takes.",
            Access.Holder, () => ContractsJson.Default.AttenuateParams, () => ContractsJson.Default.IssueResult, issuer.AttenuateAsync)
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<RenewParams, IssueResult>(
            "identity.renew", "Gives the caller's own capability a new token that ends later, within the node's longest lifetime.",
            Access.Holder, () => ContractsJson.Default.RenewParams, () => ContractsJson.Default.IssueResult, issuer.RenewAsync)
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<IssuedListParams, IssuedList>(
            "identity.list", "Lists what was issued and has not expired, a page at a time; never a token.",
            Access.RightOrAuthority(ListRight), () => ContractsJson.Default.IssuedListParams, () => ContractsJson.Default.IssuedList, issued.ListAsync)
        {
            Blocking = true,
            Errors = [ErrorCode.InvalidArgument],
        },
        new UnaryMethod<ShowParams, IssuedCapability>(
            "identity.show", "Tells all that is known of an issued capability but its token.",
            Access.RightOrAuthority(ListRight), () => ContractsJson.Default.ShowParams, () => ContractsJson.Default.IssuedCapability, issued.ShowAsync)
        {
            Blocking = true,
            Errors = [ErrorCode.InvalidArgument, ErrorCode.NotFound],
        },
        new UnaryMethod<RevokeParams, RevokeResult>(
            "identity.revoke", "Revokes capabilities durably and at every verifier, with all that was derived from them; names the verifiers that have not confirmed in time.",
            Access.HolderOrAuthority, () => ContractsJson.Default.RevokeParams, () => ContractsJson.Default.RevokeResult,
            (p, call) => revoker.RevokeAsync(p.Key is null ? p : p with { Key = keyIdOf(p.Key) }, call))
        {
            FurtherRights = [RevokeRight],
            OutlivesRevocation = true,
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<IntrospectParams, IntrospectResult>(
            "identity.introspect", "Tells what a token says and whether it is good now; the token itself is the authority.",
            Access.Open, () => ContractsJson.Default.IntrospectParams, () => ContractsJson.Default.IntrospectResult,
            (p, _) => (Reply<IntrospectResult>)introspection.Introspect(p.Token))
        {
            Errors = [ErrorCode.InvalidArgument],
        },
        new StreamMethod<WatchParams, WatchItem>(
            "identity.watch", "Streams keys and revocations to a verifier: a snapshot, then every change, heartbeats in between.",
            Access.RightOrAuthority(WatchRight), () => ContractsJson.Default.WatchParams, () => ContractsJson.Default.WatchItem, watch.OpenAsync)
        {
            Errors = [ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<ConfirmParams, StatusResult>(
            "identity.confirm", "Says that every change up to a number is in force at a verifier.",
            Access.RightOrAuthority(WatchRight), () => ContractsJson.Default.ConfirmParams, () => ContractsJson.Default.StatusResult,
            (p, call) => Confirm(board.Confirm(p.WatchId, call.Peer.Uid, p.Seq)))
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.NotFound],
        },
    ];

    /// <summary>Whether a method makes a capability of the caller's own, which spends the use of one for one call in its last step.</summary>
    internal static bool PassesOn(Method method) => method.Name is "identity.issue" or "identity.attenuate" or "identity.renew";

    internal static Method DeclareUse(UseRecorder uses) => new UnaryMethod<UseParams, UseResult>(
        "identity.use", "Spends the one use of a capability for a service that is about to carry out its call; consents once and never again.",
        Access.RightOrAuthority(UseRight), () => ContractsJson.Default.UseParams, () => ContractsJson.Default.UseResult, uses.UseAsync)
    {
        Errors = [ErrorCode.InvalidArgument, ErrorCode.Unauthenticated, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
    };

    internal static IReadOnlyList<Method> DeclareKeys(KeyRotator rotator, Func<KeysResult> keys) =>
    [
        new UnaryMethod<NoParams, KeysResult>(
            "identity.keys", "Tells the public keys by which tokens of the node verify, where each is in its life, and which of them signs.",
            Access.Open, () => ContractsJson.Default.NoParams, () => ContractsJson.Default.KeysResult, (_, _) => (Reply<KeysResult>)keys()),
        new UnaryMethod<RotateParams, RotateResult>(
            "identity.rotate", "Makes new keys, tells every verifier, then signs with them; the old ones verify until their last token has expired.",
            Access.RightOrAuthority(RotateRight), () => ContractsJson.Default.RotateParams, () => ContractsJson.Default.RotateResult, rotator.RotateAsync)
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
    ];

    internal static IReadOnlyList<Method> DeclareAudit(AuditSealer sealer) =>
    [
        new UnaryMethod<SealParams, SealResult>(
            "identity.seal", "Signs the end of a service's audit log and remembers it; refuses a log that has been cut or replaced since the last time.",
            Access.RightOrAuthority(SealRight), () => ContractsJson.Default.SealParams, () => ContractsJson.Default.SealResult,
            // Off the loop: it waits for the disk.
            async (p, _) => await Task.Run(() => sealer.Seal(p)).ConfigureAwait(false))
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<NoParams, SealsResult>(
            "identity.seals", "Tells the audit key's public half and what it has sealed last of each audit log.",
            Access.RightOrAuthority(SealsRight), () => ContractsJson.Default.NoParams, () => ContractsJson.Default.SealsResult, (_, _) => (Reply<SealsResult>)sealer.Seals()),
    ];

    private static Reply<StatusResult> Confirm(ConfirmOutcome outcome) => outcome switch
    {
        ConfirmOutcome.Confirmed => Confirmed,
        ConfirmOutcome.AheadOfTime => RpcError.InvalidField("seq", "the field \"seq\" must be the number of a change that was sent"),
        _ => RpcError.NotFound("no watch of yours has this watch_id; it has ended: start a new one"),
    };
}
