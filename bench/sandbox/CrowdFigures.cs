using System.Globalization;

namespace Strata.Bench;

/// <summary>Very many sessions at once: what each costs while nothing is done in it, and whether commands take longer for them.</summary>
internal sealed class CrowdFigures(Service service, int count)
{
    private const int Rounds = 1000;
    private const double Mebibyte = 1 << 20;

    private readonly Figures _figures = new();

    internal static async Task RunAsync(int count)
    {
        await using var service = await Service.StartAsync();
        new CrowdFigures(service, count).Measure();
    }

    private void Measure()
    {
        Create("first");
        Commands("alone", _ => "first");
        Settle();
        var empty = Now();
        for (var i = 0; i < count; i++)
        {
            _figures.Time(i, "create", () => Create($"s{i}"));
        }

        Settle();
        var made = Now();
        for (var i = 0; i < count; i++)
        {
            Command($"s{i}");
        }

        Settle();
        var used = Now();
        Commands("one of many", _ => "first");
        Commands("all in turn", i => string.Create(CultureInfo.InvariantCulture, $"s{i % count}"));
        for (var i = 0; i < count; i++)
        {
            _figures.Time(i, "close", () => service.Plain.Call("close", $$"""{"session":"s{{i}}"}"""));
        }

        Print(empty, made, used);
    }

    private void Commands(string what, Func<int, string> session)
    {
        for (var i = -Rounds / 2; i < Rounds; i++)
        {
            _figures.Time(i, what, () => Command(session(i + Rounds)));
        }
    }

    private void Create(string session) => service.Plain.Call("create", $$"""{"session":"{{session}}"}""");

    private void Command(string session) => service.Plain.Call("exec", $$"""{"session":"{{session}}","command":":"}""");

    // What was allocated on the way is given back before it is counted as used.
    private static void Settle() => Thread.Sleep(1000);

    private (long Share, long Available) Now() => (Machine.Share(service.Pid), Machine.Available());

    private void Print((long Share, long Available) empty, (long Share, long Available) made, (long Share, long Available) used)
    {
        _figures.Print();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {count} sessions at once; an idle one, its part of the service counted in, has of processes and, with what the kernel uses, of the machine (which others use as well; at most 3 MiB):
            before its first command {(made.Share - empty.Share) / Mebibyte / count:f2} MiB, {(empty.Available - made.Available) / Mebibyte / count:f2} MiB; with its shell {(used.Share - empty.Share) / Mebibyte / count:f2} MiB, {(empty.Available - used.Available) / Mebibyte / count:f2} MiB
            a command beside {count} sessions {_figures.Median("one of many") / _figures.Median("alone"):f2} times what it takes alone, in each in turn {_figures.Median("all in turn") / _figures.Median("alone"):f2} times (at most 2)
            """));
    }
}
