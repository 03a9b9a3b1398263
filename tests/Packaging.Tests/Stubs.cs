namespace Strata.Packaging.Tests;

/// <summary>Programs that write down how they were called and end as told, in a directory to be put first on <c>PATH</c>.</summary>
internal sealed class Stubs
{
    private readonly string _bin;
    private readonly string _calls;

    internal Stubs(string directory)
    {
        _bin = Path.Combine(directory, "stubs");
        _calls = Path.Combine(directory, "calls");
        Directory.CreateDirectory(_bin);
    }

    internal string SearchPath => _bin + ":" + Environment.GetEnvironmentVariable("PATH");

    /// <summary>Every call so far, a line each: the program and its arguments.</summary>
    internal IReadOnlyList<string> Calls => File.Exists(_calls) ? File.ReadAllLines(_calls) : [];

    /// <summary>Makes a program. What it does beside recording is shell; by default it succeeds.</summary>
    internal void Add(string name, string body = "exit 0") => Executable(Path.Combine(_bin, name), $"#!/bin/sh\necho \"{name} $*\" >> '{_calls}'\n{body}\n");

    internal static void Executable(string path, string content)
    {
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
