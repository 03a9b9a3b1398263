using System.Buffers.Binary;
using System.Text;

namespace Strata.Policy.Tests;

/// <summary>What a thief tries who has a token, or a whole signed request.</summary>
public sealed class ProofVerifierTests
{
    private static readonly Ed25519PrivateKey Holders = TestKeys.Provider.ImportSeed(TestKeys.Seed(7));
    private static readonly Ed25519PrivateKey Thiefs = TestKeys.Provider.ImportSeed(TestKeys.Seed(8));

    private readonly ProofVerifier _verifier = new(TestKeys.Provider, new ReplayWindow(Samples.Now - TimeSpan.FromMinutes(1)));

    private static CapabilityClaims Claims { get; } =
        Samples.Claims with { Constraints = Samples.Claims.Constraints with { HolderKey = HolderKey.Of(Holders.PublicKey) } };

    [Fact]
    public void A_call_signed_by_the_holder_is_good()
    {
        Assert.Equal(ProofStatus.Valid, Check(new Sent()));
    }

    [Fact]
    public void The_token_alone_is_not_enough()
    {
        Assert.Equal(ProofStatus.Missing, _verifier.Check(Claims, new Sent().Call, default, Samples.Now));
    }

    [Fact]
    public void A_call_does_not_serve_twice()
    {
        Assert.Equal(ProofStatus.Valid, Check(new Sent()));
        Assert.Equal(ProofStatus.Replayed, Check(new Sent()));
    }

    [Fact]
    public void Another_signature_over_the_same_call_is_the_same_call()
    {
        // Ed25519 signs deterministically, but nothing keeps a holder from signing otherwise: the call is remembered, not the signature.
        var window = new ReplayWindow(Samples.Now - TimeSpan.FromMinutes(1));
        var anything = new ProofVerifier(new AnySignature(), window);

        Assert.Equal(ProofStatus.Valid, anything.Check(Claims, new Sent().Call, Text(new byte[64]), Samples.Now));
        Assert.Equal(ProofStatus.Replayed, anything.Check(Claims, new Sent().Call, Text([1, .. new byte[63]]), Samples.Now));
    }

    [Fact]
    public void Every_part_of_a_call_is_signed()
    {
        var signed = new Sent();
        Sent[] others =
        [
            signed with { Service = "registry" },
            signed with { ReqId = "2" },
            signed with { Method = "fs.remove" },
            signed with { Params = """{"path":"b"}""" },
            signed with { Params = "" },
            signed with { Token = "v2.public.other" },
            signed with { Streams = true },
            signed with { TimeMs = signed.TimeMs + 1 },
        ];

        Assert.All(others, other => Assert.Equal(ProofStatus.Invalid, _verifier.Check(Claims, other.Call, Sign(signed, Holders), Samples.Now)));
        Assert.Equal(ProofStatus.Valid, Check(signed));
    }

    [Fact]
    public void Parts_of_a_call_cannot_be_moved_into_one_another()
    {
        Assert.NotEqual(ProofMessage.Of(new Sent { ReqId = "1f", Method = "s.read" }.Call), ProofMessage.Of(new Sent { ReqId = "1", Method = "fs.read" }.Call));
        Assert.NotEqual(ProofMessage.Of(new Sent { Service = "fsx", ReqId = "" }.Call), ProofMessage.Of(new Sent { Service = "fs", ReqId = "x" }.Call));
    }

    [Fact]
    public void A_message_is_a_list_of_eight_pieces_with_their_lengths()
    {
        var message = ProofMessage.Of(new Sent().Call).AsSpan();
        var pieces = new List<byte[]>();
        var count = BinaryPrimitives.ReadInt64LittleEndian(message);
        for (message = message[8..]; !message.IsEmpty;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(message);
            pieces.Add(message.Slice(8, length).ToArray());
            message = message[(8 + length)..];
        }

        Assert.Equal(8, count);
        Assert.Equal(8, pieces.Count);
        Assert.Equal(["strata-proof 1", "fs", "1", "fs.read"], pieces[..4].Select(Encoding.UTF8.GetString));
        Assert.Equal("18CBFCABAF7BFAAA7CD4DCE0B6E15DB24976C63F3D1D7AE6E6E17F9CD0A1F61F".Length, Convert.ToHexString(pieces[4]).Length);
        Assert.Equal(["false", new Sent().TimeMs.ToString()], pieces[6..].Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void No_params_are_signed_as_no_bytes()
    {
        var message = ProofMessage.Of(new Sent { Params = "" }.Call);

        // SHA-256 of nothing.
        Assert.True(message.AsSpan().IndexOf(Convert.FromHexString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")) > 0);
    }

    [Fact]
    public void Another_key_is_refused()
    {
        Assert.Equal(ProofStatus.Invalid, _verifier.Check(Claims, new Sent().Call, Sign(new Sent(), Thiefs), Samples.Now));
    }

    [Fact]
    public void A_capability_without_a_key_has_no_proof()
    {
        Assert.Equal(ProofStatus.Invalid, _verifier.Check(Samples.Claims, new Sent().Call, Sign(new Sent(), Holders), Samples.Now));
    }

    [Theory]
    [InlineData(-30_001, ProofStatus.Replayed)]
    [InlineData(-30_000, ProofStatus.Valid)]
    [InlineData(1_000, ProofStatus.Valid)]
    [InlineData(1_001, ProofStatus.Replayed)]
    [InlineData(-86_400_000, ProofStatus.Replayed)]
    [InlineData(86_400_000, ProofStatus.Replayed)]
    public void A_proof_is_good_near_its_time_only(long off, ProofStatus expected)
    {
        Assert.Equal(expected, Check(new Sent { TimeMs = new Sent().TimeMs + off }));
    }

    [Fact]
    public void Times_beyond_all_clocks_do_no_harm()
    {
        Assert.Equal(ProofStatus.Replayed, Check(new Sent { TimeMs = long.MaxValue }));
        Assert.Equal(ProofStatus.Replayed, Check(new Sent { TimeMs = long.MinValue }));
    }

    [Fact]
    public void A_malformed_signature_is_refused()
    {
        var good = Encoding.ASCII.GetString(Sign(new Sent(), Holders));
        string[] bad = [good[..^1], good + "A", good[..^1] + "=", good[..^1] + "_", good[..10] + "+" + good[11..], new('A', 86), " " + good[1..]];

        Assert.All(bad, text => Assert.Equal(ProofStatus.Invalid, _verifier.Check(Claims, new Sent().Call, Encoding.UTF8.GetBytes(text), Samples.Now)));
        Assert.Equal(ProofStatus.Valid, Check(new Sent()));
    }

    [Fact]
    public void A_signature_of_something_else_is_not_one_of_a_call()
    {
        // What a holder may be talked into signing does not begin with our context.
        var signature = new byte[IEd25519.SignatureBytes];
        Holders.Sign(PreAuthenticationEncoding.Of("other context"u8.ToArray(), "fs"u8.ToArray()), signature);

        Assert.Equal(ProofStatus.Invalid, _verifier.Check(Claims, new Sent().Call, Text(signature), Samples.Now));
    }

    [Fact]
    public void What_does_not_verify_is_not_remembered()
    {
        for (var i = 0; i < 100; i++)
        {
            _verifier.Check(Claims, new Sent { ReqId = $"{i}" }.Call, Sign(new Sent(), Thiefs), Samples.Now);
        }

        Assert.Equal(0, _verifier.Window.Count);
    }

    [Fact]
    public void The_signer_signs_what_the_verifier_checks()
    {
        var signer = new ProofSigner(Holders, new ManualTime());
        var (timeMs, signature) = signer.Sign("fs.read", "1"u8, Encoding.UTF8.GetBytes("""{"path":"a"}"""), "v2.public.token", streams: false);

        var sent = new Sent { TimeMs = ManualTime.Start.ToUnixTimeMilliseconds() };
        Assert.Equal(sent.TimeMs, timeMs);
        Assert.Equal(Claims.Constraints.HolderKey, signer.HolderKey);
        Assert.Equal(ProofStatus.Valid, _verifier.Check(Claims, sent.Call, Encoding.ASCII.GetBytes(signature), ManualTime.Start));
    }

    [Fact]
    public void A_signature_of_another_length_is_none_whatever_the_provider_would_say()
    {
        var anything = new ProofVerifier(new AnySignature(), new ReplayWindow(Samples.Now - TimeSpan.FromMinutes(1)));
        Assert.All([63, 65], length => Assert.Equal(ProofStatus.Invalid, anything.Check(Claims, new Sent().Call, Text(new byte[length]), Samples.Now)));
        Assert.Equal(ProofStatus.Valid, anything.Check(Claims, new Sent().Call, Text(new byte[64]), Samples.Now));
    }

    [Fact]
    public void What_was_derived_from_one_capability_shares_its_room()
    {
        var verifier = new ProofVerifier(TestKeys.Provider, new ReplayWindow(Samples.Now - TimeSpan.FromMinutes(1), maxEntriesPerRoot: 1));
        CapabilityClaims Child(int id) => Claims with { CapabilityId = Samples.CapIdOf(id), Chain = CapabilityChain.Of(new Ancestor(Samples.CapIdOf(1))) };
        ProofStatus CheckOf(CapabilityClaims claims, string reqId)
        {
            var sent = new Sent { ReqId = reqId };
            return verifier.Check(claims, sent.Call, Sign(sent, Holders), Samples.Now);
        }

        Assert.Equal(ProofStatus.Valid, CheckOf(Child(2), "1"));
        Assert.Equal(ProofStatus.Unrecorded, CheckOf(Child(3), "2"));
        Assert.Equal(ProofStatus.Valid, CheckOf(Claims, "3"));
    }

    [Fact]
    public void Whether_a_call_streams_is_signed_as_a_word()
    {
        Assert.True(ProofMessage.Of(new Sent { Streams = true }.Call).AsSpan().IndexOf("\x4\0\0\0\0\0\0\0true"u8) > 0);
        Assert.True(ProofMessage.Of(new Sent { Streams = false }.Call).AsSpan().IndexOf("\x5\0\0\0\0\0\0\0false"u8) > 0);
    }

    private static byte[] Sign(Sent sent, Ed25519PrivateKey key)
    {
        var signature = new byte[IEd25519.SignatureBytes];
        key.Sign(ProofMessage.Of(sent.Call), signature);
        return Text(signature);
    }

    private static byte[] Text(byte[] signature) => Encoding.ASCII.GetBytes(System.Buffers.Text.Base64Url.EncodeToString(signature));

    private ProofStatus Check(Sent sent) => _verifier.Check(Claims, sent.Call, Sign(sent, Holders), Samples.Now);

    private sealed record Sent
    {
        internal string Service { get; init; } = "fs";

        internal string ReqId { get; init; } = "1";

        internal string Method { get; init; } = "fs.read";

        internal string Params { get; init; } = """{"path":"a"}""";

        internal string Token { get; init; } = "v2.public.token";

        internal bool Streams { get; init; }

        internal long TimeMs { get; init; } = Samples.Now.ToUnixTimeMilliseconds();

        internal SignedCall Call => new()
        {
            Service = Encoding.UTF8.GetBytes(Service),
            ReqId = Encoding.UTF8.GetBytes(ReqId),
            Method = Encoding.UTF8.GetBytes(Method),
            Params = Encoding.UTF8.GetBytes(Params),
            Token = Encoding.UTF8.GetBytes(Token),
            Streams = Streams,
            TimeMs = TimeMs,
        };
    }

    /// <summary>Takes any signature for a good one.</summary>
    private sealed class AnySignature : IEd25519
    {
        public string Name => "any";

        public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed) => TestKeys.Provider.ImportSeed(seed);

        public Ed25519PrivateKey Generate() => TestKeys.Provider.Generate();

        public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => true;
    }
}
