using System.Globalization;
using System.Security.Cryptography;

namespace Strata.Fuzz.Tests;

/// <summary>Fuzzing as a test.</summary>
internal static class Fuzzing
{
    // Fewer would mean that hardly anything got past the first check.
    private const int AcceptedOneIn = 1000;

    /// <summary>Runs a target by the environment's settings. An input that breaks something is written out, and the failure says how to keep it.</summary>
    internal static void Holds(FuzzTarget target)
    {
        var settings = FuzzSettings.FromEnvironment();
        settings = settings with { Executions = settings.Executions / target.Costs };
        AssertCorpus(target, settings);
        var started = TimeProvider.System.GetTimestamp();
        var report = new FuzzRun(target, settings).Run();
        var took = TimeProvider.System.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {report.Executions} executions in {took.TotalSeconds:f1} s, {report.Accepted} accepted, {report.Classes} classes of outcomes, {report.Pool} inputs in the pool"));
        if (report.Failure is { } failure)
        {
            Assert.Fail(Described(target, settings, failure));
        }

        Assert.True(report.Accepted >= report.Executions / AcceptedOneIn, $"{target.Name}: only {report.Accepted} of {report.Executions} inputs were accepted; nothing was tried but the first check");
    }

    /// <summary>The committed inputs are what their names say.</summary>
    private static void AssertCorpus(FuzzTarget target, FuzzSettings settings)
    {
        foreach (var entry in FuzzCorpus.Of(target, settings.Corpus))
        {
            var outcome = target.Execute(entry.Bytes);
            Assert.True(outcome.IsAccepted == entry.IsGood, $"{target.Name}/{entry.Name}: {outcome.Fault ?? "was accepted"}");
        }
    }

    private static string Described(FuzzTarget target, FuzzSettings settings, FuzzFailure failure)
    {
        var name = $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(failure.Input))[..12]}";
        var path = Path.Combine(settings.Failures, name);
        Directory.CreateDirectory(settings.Failures);
        File.WriteAllBytes(path, failure.Input);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {target.Name}: execution {failure.Execution} with {FuzzSettings.SeedVariable}={settings.Seed} broke something: {failure.Cause}
            the input, made as short as it could be, is in {path}
            {Convert.ToHexStringLower(failure.Input)}
            once it is mended, keep it: cp {path} {Path.Combine(settings.Corpus, target.Name)}/good-NAME or bad-NAME
            """);
    }
}
