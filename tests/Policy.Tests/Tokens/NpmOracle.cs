using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>Runs the npm package in one Node process for a whole list of jobs.</summary>
internal static class NpmOracle
{
    private const string Advice = "Run ./test.sh, which installs Node.js and the package (scripts/npm-interop.sh installs the package alone).";

    internal static async Task<JsonElement[]> Ask(IEnumerable<object> jobs)
    {
        var folder = SourceTree.Path("tests", "Policy.Tests", "interop");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "paseto")), "The npm package \"paseto\" is not installed. " + Advice);
        using var node = Start(folder);
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(jobs));
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync();
        var answers = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return [.. JsonDocument.Parse(answers).RootElement.EnumerateArray()];
    }

    private static Process Start(string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", "oracle.mjs")
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("Node.js is not installed. " + Advice, e);
        }
    }
}
