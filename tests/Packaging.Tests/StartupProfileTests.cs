using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Strata.Build;

namespace Strata.Packaging.Tests;

/// <summary>The list of methods that are compiled ahead of time, and the profile that is made of it.</summary>
public sealed class StartupProfileTests
{
    private static readonly string[] List = File.ReadAllLines(Checkout.At("build/startup-methods.txt"));

    [Fact]
    public void The_list_is_sorted_and_every_line_of_it_names_a_method()
    {
        Assert.Equal(List.Order(StringComparer.Ordinal).Distinct(), List);
        Assert.Equal(List.Length, MethodList.Read(List).Count);
        Assert.All(List, line => Assert.Equal(line, MethodList.WithoutCounters(line)));
    }

    [Fact]
    public void Most_of_the_list_is_still_in_the_framework()
    {
        // Untrimmed, so more of it is found than when the programs are made.
        using var framework = Framework();
        var known = MethodList.Read(List).Where(e => !e.Line.Contains("Strata.", StringComparison.Ordinal) && !e.Line.Contains("Microsoft.Extensions.", StringComparison.Ordinal)).ToList();
        Assert.True(known.Count > 100);
        Assert.InRange(known.Count(e => framework.Find(e).Count > 0), known.Count * 9 / 10, known.Count);
    }

    [Theory]
    [InlineData("System.Collections.Generic.List`1[int]:Add", 1)]
    [InlineData("System.Collections.Generic.List`1[System.__Canon]:RemoveAll", 1)]
    [InlineData("System.Collections.Generic.Dictionary`2+Enumerator[System.ValueTuple`2[int,System.__Canon],byte[][]]:MoveNext", 1)]
    [InlineData("System.String:Concat", 13)]
    [InlineData("System.Array:Empty[System.Collections.Generic.KeyValuePair`2[System.__Canon,long]]", 1)]
    [InlineData("System.Array:Empty", 0)]
    [InlineData("System.Collections.Generic.List`1[int,int]:Add", 0)]
    [InlineData("System.Collections.Generic.List`1[No.Such.Type]:Add", 0)]
    [InlineData("No.Such.Type:Add", 0)]
    [InlineData("System.String:NoSuchMethod", 0)]
    public void An_entry_names_all_methods_of_its_name_and_number_of_type_arguments(string line, int atLeast)
    {
        using var framework = Framework();
        var found = framework.Find(Assert.Single(MethodList.Read([line])));
        Assert.True(atLeast == 0 ? found.Count == 0 : found.Count >= atLeast, $"{found.Count}");
    }

    [Theory]
    [InlineData("System.Linq.Enumerable+<SelectIterator>d__251`2", "System.Linq.Enumerable+<SelectIterator>d__*`2")]
    [InlineData("A.B+<>c__DisplayClass13_0+<<Declare>b__5>d", "A.B+<>c__DisplayClass*+<<Declare>b__*>d")]
    [InlineData("A.B:<Run>g__Local|5_0", "A.B:<Run>g__Local|*")]
    [InlineData("A.B`2:m__Finally1", "A.B`2:m__Finally1")]
    public void What_the_compiler_counts_is_left_out_of_names(string name, string without) => Assert.Equal(without, MethodList.WithoutCounters(name));

    [Theory]
    [InlineData("System.String")]
    [InlineData(":Add")]
    [InlineData("System.String:")]
    [InlineData("System.Collections.Generic.List`1[int:Add")]
    [InlineData("System.Collections.Generic.List`1[int,]:Add")]
    [InlineData("System.Array:Empty[int]]")]
    [InlineData("System.Array:Empty[int]x")]
    public void A_line_that_is_no_method_is_refused_with_the_line(string line) =>
        Assert.Contains(line, Assert.Throws<FormatException>(() => MethodList.Read(["# comment", "", line])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_same_list_makes_the_same_profile_which_names_each_method_once()
    {
        var first = Profile(List);
        Assert.Equal(first, Profile([.. List, .. List]));
        using var image = new PEReader(ImmutableArray.Create(first));
        var reader = image.GetMetadataReader();
        var groups = reader.MethodDefinitions.Select(m => reader.GetString(reader.GetMethodDefinition(m).Name)).ToList();
        Assert.Equal("AssemblyDictionary", groups[^1]);
        Assert.Contains("System.Linq", groups);
        Assert.Contains(reader.MemberReferences, m => reader.GetString(reader.GetMemberReference(m).Name) == "MoveNext");
    }

    private static byte[] Profile(IEnumerable<string> lines)
    {
        using var framework = Framework();
        var profile = new ProfileBuilder();
        foreach (var method in MethodList.Read(lines).SelectMany(framework.Find))
        {
            profile.Add(method);
        }

        return profile.ToImage();
    }

    private static AssemblySet Framework() => new(Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "System.*.dll"));
}
