using System.Buffers.Text;
using System.Text;

namespace Strata.StrataCtl.Tests.Fakes;

/// <summary>Text in the shape of a token; nobody has signed it.</summary>
internal static class FakeToken
{
    public static string Of(string claims, string version = "v2") =>
        $"{version}.public.{Base64Url.EncodeToString([.. Encoding.UTF8.GetBytes(claims), .. new byte[64]])}";
}
