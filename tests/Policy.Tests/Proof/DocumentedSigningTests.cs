using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>The program of another language that the documentation shows signs what is checked here.</summary>
public sealed class DocumentedSigningTests
{
    private const string Token = "v2.public.dG9rZW4";

    [Fact]
    public async Task The_documented_program_signs_a_request_that_verifies()
    {
        using var key = TestKeys.Provider.Generate();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, HolderKeyPem.Write(key));
            var request = await RunAsync(Documented(), file, $$$"""{"method":"fs.hash","params":{"path":"žluť \" 😀"},"token":"{{{Token}}}"}""");

            Assert.Equal(ProofStatus.Valid, Check(request, key));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static ProofStatus Check(string request, Ed25519PrivateKey key)
    {
        using var document = JsonDocument.Parse(request);
        var root = document.RootElement;
        var proof = root.GetProperty("auth").GetProperty("proof");
        var call = new SignedCall
        {
            Service = "fs"u8,
            ReqId = Encoding.UTF8.GetBytes(root.GetProperty("req_id").GetString()!),
            Method = "fs.hash"u8,
            Params = Encoding.UTF8.GetBytes(root.GetProperty("params").GetRawText()),
            Token = Encoding.UTF8.GetBytes(Token),
            TimeMs = proof.GetProperty("time").GetInt64(),
        };
        var at = DateTimeOffset.FromUnixTimeMilliseconds(call.TimeMs);
        var claims = Samples.Claims with { Constraints = new() { HolderKey = HolderKey.Of(key.PublicKey) } };
        return new ProofVerifier(TestKeys.Provider, new ReplayWindow(at.AddHours(-1))).Check(claims, call, Encoding.ASCII.GetBytes(proof.GetProperty("sig").GetString()!), at);
    }

    private static string Documented()
    {
        var page = File.ReadAllText(SourceTree.Path("docs", "capabilities.md"));
        const string Mark = "```js proof\n";
        var start = page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static async Task<string> RunAsync(string program, string keyFile, string input)
    {
        using var node = Start(program, keyFile);
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return output;
    }

    private static Process Start(string program, string keyFile)
    {
        var start = new ProcessStartInfo("node", ["-e", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["KEY_FILE"] = keyFile;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("Node.js is not installed. Run ./test.sh, which installs it.", e);
        }
    }
}
