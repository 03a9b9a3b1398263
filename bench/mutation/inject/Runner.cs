using System.Diagnostics;
using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Strata.Mutation;

/// <summary>Runs the tests of this assembly against one mutant after the other: those that come by it, the quickest first, until one fails.</summary>
internal static class Runner
{
    // For a test that was not measured.
    private static readonly TimeSpan WithoutMeasure = TimeSpan.FromSeconds(2);

    private sealed record Case(string Name, Action Run)
    {
        public TimeSpan Took { get; set; }

        public HashSet<int> Seen { get; set; } = [];
    }

    internal static int Main(string[] args)
    {
        var cases = Assembly.GetExecutingAssembly().GetTypes().Where(t => t.IsClass && !t.IsAbstract).SelectMany(CasesOf).ToList();
        var skipped = (Environment.GetEnvironmentVariable("MUTANT_SKIPPED") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        cases.RemoveAll(c => skipped.Any(s => c.Name.StartsWith(s, StringComparison.Ordinal)));
        var output = Console.Out;
        Console.SetOut(TextWriter.Null);
        if (args is ["once"])
        {
            // The mutant was in force before anything was loaded: for those that only count while types are made.
            output.WriteLine(cases.Select(test => FailsInItsTime(test, WithoutMeasure)).FirstOrDefault(f => f is not null) ?? "survived");
            return 0;
        }

        foreach (var test in cases)
        {
            if (Fails(test) is { } broken)
            {
                output.WriteLine($"broken {broken}");
                return 1;
            }

            test.Seen = [.. Mutant.TakeSeen()];
        }

        // What a test comes by only the first time is come by while types are made.
        var onlyAtFirst = new HashSet<int>();
        foreach (var test in cases)
        {
            var clock = Stopwatch.StartNew();
            Fails(test);
            var seen = Mutant.TakeSeen().ToHashSet();
            onlyAtFirst.UnionWith(test.Seen.Except(seen));
            (test.Took, test.Seen) = (clock.Elapsed, seen);
        }

        output.WriteLine($"static {string.Join(' ', onlyAtFirst)}");
        output.Flush();
        while (Console.ReadLine() is { } line)
        {
            var number = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
            Mutant.Active = number;
            var relevant = cases.Where(c => c.Seen.Contains(number)).OrderBy(c => c.Took).ToList();
            string? killer = relevant.Count == 0 ? "uncovered" : null;
            foreach (var test in relevant)
            {
                killer = FailsInItsTime(test, test.Took);
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

    // Each test has its time from where it begins, not from the start of the process, and many times what it took without a change.
    private static string? FailsInItsTime(Case test, TimeSpan usual)
    {
        Mutant.TakeSeen();
        Mutant.MaxMs = 10_000 + (long)(20 * usual.TotalMilliseconds);
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
            var rows = data.Count == 0 ? [[]] : data.SelectMany(d => RowsOf(d, type, method)).ToList();
            foreach (var (index, row) in rows.Index())
            {
                yield return new Case($"{type.Name}.{method.Name}#{index}", () => Invoke(type, method, row));
            }
        }
    }

    // Outside of a test run the library finds no rows by the name of a member.
    private static IEnumerable<object?[]> RowsOf(IDataAttribute data, Type type, MethodInfo method)
    {
        if (data is not MemberDataAttribute named)
        {
            return data.GetData(method, new DisposalTracker()).AsTask().GetAwaiter().GetResult().Select(r => r.GetData());
        }

        var member = (named.MemberType ?? type).GetMember(named.MemberName, BindingFlags.Static | BindingFlags.Public | BindingFlags.FlattenHierarchy)[0];
        var value = member is PropertyInfo property ? property.GetValue(null) : ((MethodInfo)member).Invoke(null, named.Arguments);
        List<object?[]> rows = [.. ((System.Collections.IEnumerable)value!).Cast<object>().Select(r => r as object?[] ?? ((ITheoryDataRow)r).GetData())];
        return rows.Count > 0 ? rows : throw new InvalidOperationException($"{type.Name}.{method.Name} has no rows");
    }

    // A number in an attribute may be of a narrower type than the parameter.
    private static object? Fitted(object? value, Type type) =>
        type.IsPrimitive && value is IConvertible && !type.IsInstanceOfType(value) ? Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture) : value;

    private static void Invoke(Type type, MethodInfo method, object?[] row)
    {
        var test = Activator.CreateInstance(type);
        try
        {
            object?[] arguments = [.. method.GetParameters().Select((p, i) => i < row.Length ? Fitted(row[i], p.ParameterType) : p.DefaultValue)];
            (method.Invoke(test, arguments) as Task)?.GetAwaiter().GetResult();
        }
        finally
        {
            (test as IDisposable)?.Dispose();
        }
    }
}
