using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.rotate</c>: the new keys are on disk, then known to every verifier, then recorded, and only then sign. Whatever
/// fails before that undoes the rest. Keys whose last token has expired are taken away here as well.
/// </summary>
/// <param name="store">Keeps them on disk.</param>
/// <param name="ring">The keys in use.</param>
/// <param name="board">Tells the verifiers.</param>
/// <param name="own">Identity's own verifier.</param>
/// <param name="audit">Records it.</param>
/// <param name="longestTtl">No capability of this node lives longer.</param>
/// <param name="staleness">A verifier that has heard nothing for this long denies by itself, so nobody is waited for any longer.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of what cannot be told the caller.</param>
internal sealed class KeyRotator(
    KeyStore store, KeyRing ring, RevocationBoard board, TokenVerifier own, AuditLog audit, TimeSpan longestTtl, TimeSpan staleness, TimeProvider time, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>Whether the disk may say something else than the ring.</summary>
    private bool _isUnsettled;

    /// <summary>Told after other keys sign.</summary>
    internal event Action? Switched;

    internal async ValueTask<Reply<RotateResult>> RotateAsync(RotateParams wanted, CallContext call)
    {
        TokenVersion[]? versions = wanted.Version switch { null => [TokenVersion.V2, TokenVersion.V4], "v2" => [TokenVersion.V2], "v4" => [TokenVersion.V4], _ => null };
        if (versions is null)
        {
            return RpcError.InvalidField("version", "the field \"version\" must be v2 or v4, or be left out for both");
        }

        if (!await _changing.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            return RpcError.Conflict("the keys are being rotated at this moment; look at identity.keys, then try again") with { Reason = "rotation_under_way" };
        }

        try
        {
            // Off the loop: it waits for the disk.
            return await Task.Run(() => RotateAsync(versions, call)).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes away the keys whose last token has expired, unless a rotation is under way. A failure is told and tried again.</summary>
    internal void RetireDue()
    {
        if ((_isUnsettled || ring.Roll.NextRetirement < time.GetUtcNow()) && _changing.Wait(0))
        {
            try
            {
                Retire();
                if (_isUnsettled)
                {
                    TrySettle(ring.Roll);
                }
            }
            finally
            {
                _changing.Release();
            }
        }
    }

    public void Dispose() => _changing.Dispose();

    private async Task<Reply<RotateResult>> RotateAsync(TokenVersion[] versions, CallContext call)
    {
        Retire();
        var keys = new List<SigningKey>();
        var isSwitched = false;
        try
        {
            if (Prepare(versions, keys) is { } refused)
            {
                return refused;
            }

            var seq = Publish();
            var pending = await board.WaitForVerifiersAsync(seq, staleness).ConfigureAwait(false);
            if (pending.Count > 0)
            {
                log.RotationPending(string.Join(", ", pending));
            }

            if (!await TryRecordAsync(keys, call).ConfigureAwait(false))
            {
                return RpcError.Unavailable("the audit log cannot be written, so the keys were not rotated; see the log of identity", "audit_unavailable");
            }

            var rotated = Switch(keys);
            isSwitched = true;
            Switched?.Invoke();
            return new RotateResult("rotated", rotated, pending.Count > 0 ? pending : null);
        }
        catch (LinuxException e)
        {
            log.KeysNotStored(e.Message);
            audit.Note(AuditLog.Of("key.rotated", "failed", call) with { Reason = "storage_failed" });
            return e.Errno is Errno.ENOSPC or Errno.EDQUOT
                ? RpcError.ResourceExhausted("the disk with the state dir is full, so the keys were not rotated; make room and try again", "storage_full")
                : RpcError.Unavailable("the new keys could not be stored, so the keys were not rotated; see the log of identity and try again", "storage_failed");
        }
        finally
        {
            if (!isSwitched)
            {
                Abandon(keys);
            }
        }
    }

    private async Task<bool> TryRecordAsync(List<SigningKey> keys, CallContext call)
    {
        try
        {
            await audit.CommitAsync(AuditLog.Of("key.rotated", "allowed", call) with { Resource = string.Join(", ", keys.Select(key => key.VerificationKey.KeyId)) }).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Makes the new keys and stores them, so that a crash leaves them or nothing; says why not when there is no room.</summary>
    private RpcError? Prepare(TokenVersion[] versions, List<SigningKey> keys)
    {
        store.MarkRotated();
        var roll = ring.Roll;
        foreach (var version in versions)
        {
            var key = store.Create(version, roll.NextSerial(version));
            keys.Add(key);
            var begun = roll.Begin(key.VerificationKey, WholeSecond(time.GetUtcNow()));
            if (begun.Error is { } full)
            {
                return full;
            }

            roll = begun.Value!;
        }

        store.Save(roll);
        ring.Adopt(roll);
        return null;
    }

    private IReadOnlyList<RotatedKey> Switch(List<SigningKey> keys)
    {
        var before = ring.Roll;
        var now = WholeSecond(time.GetUtcNow()).AddSeconds(1);
        // Of what is being signed at this moment it is not known how long it lives; once all of that is done it is.
        var roll = before.Switch(_ => now + longestTtl);
        store.Save(roll);
        // What has signed nothing that may still be taken anywhere goes at once.
        var longAgo = now - ClockSkew.Max;
        foreach (var (keyId, until) in ring.Switch(roll, keys))
        {
            roll = roll.Tighten(keyId, until > longAgo ? WholeSecond(until).AddSeconds(1) : longAgo);
        }

        TrySettle(roll);
        return [.. keys.Select(Describe)];

        RotatedKey Describe(SigningKey key)
        {
            var previous = before.Active(key.Version).Key.KeyId;
            var retires = roll.Keys.Single(e => e.Key.KeyId == previous).Retires!.Value;
            return new RotatedKey(KeyTexts.NameOf(key.Version), key.VerificationKey.KeyId, previous, LimitsView.Rfc3339(retires));
        }
    }

    /// <summary>Puts a roll in force that takes nothing away, stores it and erases the private halves it needs no more; what fails is tried again.</summary>
    private void TrySettle(KeyRoll roll)
    {
        ring.Adopt(roll);
        try
        {
            store.Save(roll);
            store.EraseAllBut(roll);
            _isUnsettled = false;
        }
        catch (LinuxException e)
        {
            _isUnsettled = true;
            log.KeysNotStored(e.Message);
        }
    }

    /// <summary>Undoes what has not come into force.</summary>
    private void Abandon(List<SigningKey> keys)
    {
        keys.ForEach(key => key.Dispose());
        var roll = ring.Roll.Abandon();
        var wasPublished = roll != ring.Roll;
        TrySettle(roll);
        if (wasPublished)
        {
            Publish();
        }
    }

    private void Retire()
    {
        var (before, roll) = (ring.Roll, ring.Roll.Retire(time.GetUtcNow()));
        if (roll == before)
        {
            return;
        }

        try
        {
            store.Save(roll);
        }
        catch (LinuxException e)
        {
            log.KeysNotStored(e.Message);
            return;
        }

        ring.Adopt(roll);
        Publish();
        foreach (var gone in before.Keys.Except(roll.Keys))
        {
            audit.Note(new AuditRecord("key.retired", "allowed") { Resource = gone.Key.KeyId });
        }
    }

    private long Publish()
    {
        own.ReplaceKeys(ring.Roll.PublicKeys);
        return board.Publish(KeyTexts.ForVerifiers(ring.Roll));
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
