namespace Strata.Packaging.Tests;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Checkout.At("packaging"), "*.sh", SearchOption.AllDirectories)
        .Concat(["preinst", "postinst", "prerm", "postrm"]).Select(f => f.Contains('/', StringComparison.Ordinal) ? Path.GetRelativePath(Checkout.Root, f) : "packaging/debian/" + f).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Every_script_is_plain_shell_that_stops_at_the_first_fault(string script)
    {
        Assert.StartsWith("#!/bin/sh\n", Checkout.Read(script), StringComparison.Ordinal);
        Assert.Matches(@"\nset -[eu]", Checkout.Read(script));
        (await Command.RunAsync("dash", ["-n", Checkout.At(script)])).Succeeded();
    }
}
