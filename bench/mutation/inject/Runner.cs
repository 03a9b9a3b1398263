using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Strata.Supervision.Tests;

/// <summary>Runs the tests of this assembly against one mutant after the other: those that come by it, the quickest first, until one fails.</summary>
internal static class Runner
{
    private sealed record Case(string Name, Action Run)
    {
        public TimeSpan Took { get; set; }

        public HashSet<int> Seen { get; set; } = [];
    }

    internal static int Main(string[] args)
    {
        var cases = Assembly.GetExecutingAssembly().GetTypes().Where(t => t.IsClass && !t.IsAbstract).SelectMany(CasesOf).ToList();
        var output = Console.Out;
        Console.SetOut(TextWriter.Null);
        if (args is ["once"])
        {
            // The mutant was in force before anything was loaded: for those that only count while types are made.
            output.WriteLine(cases.Select(FailsInItsTime).FirstOrDefault(f => f is not null) ?? "survived");
            return 0;
        }

        var first = new HashSet<int>();
        foreach (var test in cases)
        {
            if (Fails(test) is { } broken)
            {
                output.WriteLine($"broken {broken}");
                return 1;
            }

            first.UnionWith(Mutant.TakeSeen());
        }

        foreach (var test in cases)
        {
            var clock = Stopwatch.StartNew();
            Fails(test);
            (test.Took, test.Seen) = (clock.Elapsed, [.. Mutant.TakeSeen()]);
        }

        var usual = cases.SelectMany(c => c.Seen).ToHashSet();
        output.WriteLine($"static {string.Join(' ', first.Except(usual))}");
        output.Flush();
        while (Console.ReadLine() is { } line)
        {
            var number = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
            Mutant.Active = number;
            var relevant = cases.Where(c => c.Seen.Contains(number)).OrderBy(c => c.Took).ToList();
            string? killer = relevant.Count == 0 ? "uncovered" : null;
            foreach (var test in relevant)
            {
                killer = FailsInItsTime(test);
                if (killer is not null)
                {
                    break;
                }
            }

            Mutant.Active = 0;
            output.WriteLine($"{number} {killer ?? "survived"}");
            output.Flush();
        }

        return 0;
    }

    // Each test has its time from where it begins, not from the start of the process.
    private static string? FailsInItsTime(Case test)
    {
        Mutant.TakeSeen();
        return Fails(test);
    }

    private static string? Fails(Case test)
    {
        try
        {
            test.Run();
            return null;
        }
        catch (Exception e)
        {
            return e.GetBaseException().Message == Mutant.WithoutEnd ? "without end" : test.Name;
        }
    }

    private static IEnumerable<Case> CasesOf(Type type)
    {
        foreach (var method in type.GetMethods().Where(m => m.GetCustomAttribute<FactAttribute>() is not null))
        {
            var data = method.GetCustomAttributes().OfType<IDataAttribute>().ToList();
            var rows = data.Count == 0 ? [[]] : data.SelectMany(d => d.GetData(method, new DisposalTracker()).AsTask().GetAwaiter().GetResult()).Select(r => r.GetData()).ToList();
            foreach (var (index, row) in rows.Index())
            {
                yield return new Case($"{type.Name}.{method.Name}#{index}", () => Invoke(type, method, row));
            }
        }
    }

    private static void Invoke(Type type, MethodInfo method, object?[] row)
    {
        var test = Activator.CreateInstance(type);
        try
        {
            object?[] arguments = [.. method.GetParameters().Select((p, i) => i < row.Length ? row[i] : p.DefaultValue)];
            (method.Invoke(test, arguments) as Task)?.GetAwaiter().GetResult();
        }
        finally
        {
            (test as IDisposable)?.Dispose();
        }
    }
}
