using Strata.Build;

if (args is not [var list, var directory, var output])
{
    Console.Error.WriteLine("usage: startup-profile LIST ASSEMBLIES OUTPUT");
    return 64;
}

IReadOnlyList<MethodEntry> entries;
try
{
    entries = MethodList.Read(File.ReadLines(list));
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{list}: {e.Message}; take the line out, or write the list anew with scripts/startup-methods.sh --anew");
    return 65;
}

using var assemblies = new AssemblySet(Directory.GetFiles(directory, "*.dll"));
var profile = new ProfileBuilder();
var unknown = 0;
foreach (var entry in entries)
{
    var methods = assemblies.Find(entry);
    if (methods.Count == 0)
    {
        unknown++;
        Console.WriteLine($"nothing here is called {entry.Line}");
    }

    foreach (var method in methods)
    {
        profile.Add(method);
    }
}

File.WriteAllBytes(output, profile.ToImage());
Console.WriteLine($"{profile.Count} methods to compile ahead of time, named by {entries.Count - unknown} of {entries.Count} entries of {list}");
return 0;
