using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Strata.Sandbox;

/// <summary>What certificates say of names (RFC 5280, 4.2.1.6 and 4.2.1.10). Pure.</summary>
internal static class NameExtensions
{
    private const string AlternativeName = "2.5.29.17";
    private const string Constraints = "2.5.29.30";
    private const int DnsName = 2;
    private const int IpAddress = 7;
    private const int V4Bytes = 2 * 4;
    private const int V6Bytes = 2 * 16;

    /// <summary>Whose certificate it is.</summary>
    /// <param name="name">A name as it stands on the wire; nothing is made of it.</param>
    internal static X509Extension Is(string name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteName(writer, name);
        }

        return new X509Extension(AlternativeName, writer.Encode(), critical: false);
    }

    /// <summary>Whom an authority may sign for, which nobody may ignore: names equal to one of these or beneath it, and no address at all.</summary>
    internal static X509Extension MaySignFor(IEnumerable<string> domains)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                foreach (var domain in domains)
                {
                    using (writer.PushSequence())
                    {
                        WriteName(writer, domain);
                    }
                }
            }

            // What is not spoken of is permitted: every address, with a mask of no bits, is excluded.
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                foreach (var bytes in new[] { V4Bytes, V6Bytes })
                {
                    using (writer.PushSequence())
                    {
                        writer.WriteOctetString(new byte[bytes], new Asn1Tag(TagClass.ContextSpecific, IpAddress));
                    }
                }
            }
        }

        return new X509Extension(Constraints, writer.Encode(), critical: true);
    }

    private static void WriteName(AsnWriter writer, string name) => writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, DnsName));
}
