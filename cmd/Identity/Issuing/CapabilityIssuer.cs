using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.issue</c>, <c>identity.attenuate</c> and <c>identity.renew</c>. Whoever calls by a capability gets at most
/// what that capability holds, and what it gets carries the chain it came by.
/// </summary>
/// <param name="signer">Signs and records.</param>
/// <param name="templates">What may be issued by name.</param>
/// <param name="store">What was issued.</param>
/// <param name="issuer">The issuer named in the tokens.</param>
/// <param name="limits">What the node allows.</param>
/// <param name="time">The clock.</param>
/// <param name="deny">Audits a denial and says what the caller may know of it.</param>
internal sealed class CapabilityIssuer(
    CapabilitySigner signer, TemplateBook templates, IssuedStore store, string issuer, IssueLimits limits, TimeProvider time, Func<CallContext, DenyReason, string?, RpcError> deny)
{
    private const int CapabilityIdBytes = 16;

    internal async ValueTask<Reply<IssueResult>> IssueAsync(IssueParams wanted, CallContext call)
    {
        var holder = HolderOf(call);
        if (wanted.Template is { } name)
        {
            return holder is null
                ? await IssueByTemplateAsync(name, wanted, call).ConfigureAwait(false)
                : Exceeds(call, new FieldFault("template", "is for authorities of the node; name what you want of your own capability"));
        }

        if (!IssueValidation.TryValidate(WishOf.Issue(wanted), limits, out var grant, out var fault))
        {
            return InvalidField(fault);
        }

        var claims = grant.ToClaims(issuer, NewId(), time.GetUtcNow());
        if (IssueValidation.FaultOfTimes(claims) is { } faultOfTimes)
        {
            return InvalidField(faultOfTimes);
        }

        if (holder is not null)
        {
            claims = Attenuation.Below(holder, claims);
            if ((Attenuation.FaultOfPassingOn(claims) ?? Narrowing.FindExcess(claims, holder)) is { } excess)
            {
                return Exceeds(call, excess);
            }
        }

        return await signer.SignAsync(claims, "cap.issued", call).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<IssueResult>> AttenuateAsync(AttenuateParams wanted, CallContext call)
    {
        var holder = HolderOf(call)!;
        if (!Attenuation.TryDerive(holder, WishOf.Attenuate(wanted), NewId(), time.GetUtcNow(), out var claims, out var fault, out var isExcess))
        {
            return isExcess ? Exceeds(call, fault) : InvalidField(fault);
        }

        return await signer.SignAsync(claims, "cap.issued", call).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<IssueResult>> RenewAsync(RenewParams wanted, CallContext call)
    {
        var holder = HolderOf(call)!;
        var ttl = wanted.TtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var parentEnds = holder.Parent is { } parent ? store.EndOf(parent) ?? holder.ExpiresAt : (DateTimeOffset?)null;
        if (!Renewal.TryRenew(holder, ttl, parentEnds, limits, time.GetUtcNow(), out var claims, out var excess))
        {
            return Exceeds(call, excess);
        }

        return await signer.SignAsync(claims, "cap.renewed", call).ConfigureAwait(false);
    }

    private async Task<Reply<IssueResult>> IssueByTemplateAsync(string name, IssueParams wanted, CallContext call)
    {
        if (templates.Find(name) is not { } template)
        {
            return RpcError.InvalidField("template", $"the field \"template\" must name one of this node: {templates.Names}");
        }

        var now = time.GetUtcNow();
        var whole = template.ToClaims(issuer, NewId(), now);
        if (!Attenuation.TryDerive(whole, WishOf.Issue(wanted), NewId(), now, out var narrowed, out var fault, out var isExcess))
        {
            return isExcess
                ? RpcError.InvalidField(fault.Field, $"more was asked for than the template \"{name}\" holds: {fault.Field}: {fault.Message}")
                : InvalidField(fault);
        }

        // The template is no capability: what it yields is a root.
        return await signer.SignAsync(narrowed with { Chain = CapabilityChain.Empty, Since = null, Template = name }, "cap.issued", call).ConfigureAwait(false);
    }

    private static CapabilityClaims? HolderOf(CallContext call) => (call.Principal as Principal)?.Claims;

    private static string NewId() => SecureRandom.Hex(CapabilityIdBytes);

    private RpcError Exceeds(CallContext call, FieldFault excess) => deny(call, DenyReason.ExceedsAuthority, excess.Field) with
    {
        Message = $"more was asked for than your own capability holds: {excess}",
        Details = [new("field", excess.Field)],
    };

    private static RpcError InvalidField(FieldFault fault) => RpcError.InvalidField(fault.Field, $"the field \"{fault.Field}\" {fault.Message}");
}
