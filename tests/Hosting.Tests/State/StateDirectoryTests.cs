using System.Diagnostics;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Hosting.Tests.State;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string State
    {
        get
        {
            PrivateDirectory.Ensure(_directory["state"], 0x1C0).Dispose();
            return _directory["state"];
        }
    }

    private string FormatFile => Path.Combine(State, StateFormat.FileName);

    [Fact]
    public void An_empty_directory_is_marked_before_anything_else_is_in_it()
    {
        Assert.Null(StateDirectory.Check(_directory["nowhere"]));
        Assert.Null(StateDirectory.Check(State));
        Assert.Empty(StateDirectory.BringForward(State, Never));
        Assert.Equal(new StateFormat(StateFormat.Current, StrataVersion.Current), StateDirectory.Check(State));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FormatFile));
    }

    [Fact]
    public void State_that_says_nothing_has_the_first_format_and_is_marked()
    {
        Directory.CreateDirectory(Path.Combine(State, "identity"));
        Assert.Equal(StateFormat.Unsaid, StateDirectory.Check(State)!.Format);
        Assert.False(File.Exists(FormatFile));
        Assert.Empty(StateDirectory.BringForward(State, Never));
        Assert.Equal(StrataVersion.Current, StateDirectory.Check(State)!.WrittenBy);
    }

    [Fact]
    public void What_a_start_that_was_cut_short_has_left_is_no_state()
    {
        File.WriteAllText(Path.Combine(State, "format.lock"), "");
        File.WriteAllText(Path.Combine(State, ".format.json.new"), "{\"for");
        Assert.Empty(StateDirectory.BringForward(State, Never, new StateForms(3, [Step("a"), Step("b")])));
        Assert.Equal(3, StateDirectory.Check(State, new StateForms(3, []))!.Format);
        Assert.False(File.Exists(Path.Combine(State, "done")));
    }

    [Fact]
    public void State_that_is_marked_is_written_no_more()
    {
        StateDirectory.BringForward(State, Never);
        var before = Listing();
        File.SetUnixFileMode(State, (UnixFileMode)0x140);
        StateDirectory.BringForward(State, Never);
        File.SetUnixFileMode(State, (UnixFileMode)0x1C0);
        Assert.Equal(before, Listing());
    }

    [Fact]
    public void Newer_state_is_refused_and_left_as_it_is()
    {
        File.WriteAllBytes(FormatFile, new StateFormat(2, "7.8.9").Encode());
        var before = Listing();
        foreach (var attempt in new Action[] { () => StateDirectory.Check(State), () => StateDirectory.BringForward(State, Never), () => StateDirectory.ClaimAlone(State) })
        {
            var refusal = Assert.Throws<SettingsException>(attempt);
            Assert.Contains($"has format 2, written by Strata 7.8.9; this is Strata {StrataVersion.Current}, which knows formats up to 1", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, Listing());
    }

    [Theory]
    [InlineData("empty", "is empty")]
    [InlineData("cut", "not whole")]
    [InlineData("huge number", "no whole number")]
    [InlineData("huge file", "more than 4096")]
    [InlineData("link", "is a symbolic link, no regular file")]
    [InlineData("dangling link", "is a symbolic link, no regular file")]
    [InlineData("directory", "is a Directory, no regular file")]
    [InlineData("fifo", "is a Fifo, no regular file")]
    [InlineData("writable", "can be written by others")]
    [InlineData("other owner", "belongs to uid 65534")]
    public void A_file_that_cannot_be_believed_is_refused_and_left_as_it_is(string what, string fault)
    {
        Assert.SkipUnless(what != "other owner" || UserId.Effective == 0, "giving a file away takes root");
        var good = new StateFormat(StateFormat.Current, "0.1.0").Encode();
        File.WriteAllBytes(_directory["elsewhere"], good);
        switch (what)
        {
            case "empty": File.WriteAllText(FormatFile, ""); break;
            case "cut": File.WriteAllBytes(FormatFile, good[..^5]); break;
            case "huge number": File.WriteAllText(FormatFile, $$"""{"format":{{new string('9', 1000)}},"written_by":"1"}"""); break;
            case "huge file": File.WriteAllBytes(FormatFile, [.. good, .. Enumerable.Repeat((byte)' ', StateFormat.MaxFileBytes)]); break;
            case "link": File.CreateSymbolicLink(FormatFile, _directory["elsewhere"]); break;
            case "dangling link": File.CreateSymbolicLink(FormatFile, "/nowhere"); break;
            case "directory": Directory.CreateDirectory(FormatFile); break;
            case "fifo": Run("mkfifo", "-m", "600", FormatFile); break;
            case "writable":
                File.WriteAllBytes(FormatFile, good);
                File.SetUnixFileMode(FormatFile, (UnixFileMode)0x1B6);
                break;
            default:
                File.WriteAllBytes(FormatFile, good);
                Run("chown", "65534", FormatFile);
                break;
        }

        var before = Listing();
        foreach (var attempt in new Action[] { () => StateDirectory.Check(State), () => StateDirectory.BringForward(State, Never), () => StateDirectory.ClaimAlone(State) })
        {
            var refusal = Assert.Throws<SettingsException>(attempt);
            Assert.StartsWith(FormatFile, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("Restore the file, or the whole state, from a backup", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, Listing());
    }

    [Fact]
    public void Older_state_is_brought_forward_step_by_step()
    {
        File.WriteAllText(Path.Combine(State, "something"), "old");
        var done = StateDirectory.BringForward(State, None, new StateForms(4, [Step("one"), Step("two"), Step("three")]));
        Assert.Equal(["from format 1 to 2: one", "from format 2 to 3: two", "from format 3 to 4: three"], done);
        Assert.Equal("one two three ", File.ReadAllText(Path.Combine(State, "done")));
        Assert.Empty(StateDirectory.BringForward(State, None, new StateForms(4, [Step("one"), Step("two"), Step("three")])));

        Assert.Equal(["from format 4 to 5: four"], StateDirectory.BringForward(State, None, new StateForms(5, [Step("one"), Step("two"), Step("three"), Step("four")])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_during_a_step_leaves_the_state_at_the_format_before_it_and_the_next_start_goes_on_there(int crashing)
    {
        File.WriteAllText(Path.Combine(State, "something"), "old");
        var crash = true;
        StateMigration[] steps =
        [
            .. Enumerable.Range(1, 3).Select(number => new StateMigration($"step {number}", path =>
            {
                File.AppendAllText(Path.Combine(path, "done"), $"{number} ");
                if (crash && number == crashing)
                {
                    throw new IOException("the power went");
                }
            })),
        ];
        var forms = new StateForms(4, steps);
        Assert.Throws<IOException>(() => StateDirectory.BringForward(State, None, forms));
        Assert.Equal(crashing, StateDirectory.Check(State, forms)!.Format);

        crash = false;
        Assert.Equal(4 - crashing, StateDirectory.BringForward(State, None, forms).Count);
        Assert.Equal(4, StateDirectory.Check(State, forms)!.Format);
        Assert.Equal(string.Concat(Enumerable.Range(1, 3).Select(number => number == crashing ? $"{number} {number} " : $"{number} ")), File.ReadAllText(Path.Combine(State, "done")));
    }

    [Fact]
    public void Older_state_that_somebody_writes_stays_as_it_is()
    {
        File.WriteAllText(Path.Combine(State, "something"), "old");
        var refusal = Assert.Throws<SettingsException>(() => StateDirectory.BringForward(State, () => "services still run", new StateForms(2, [Step("one")])));
        Assert.Contains("has format 1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("writes format 2, and it cannot be brought forward now: services still run. Nothing was changed", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(State, "done")));
        Assert.Equal(1, StateDirectory.Check(State)!.Format);
    }

    [Fact]
    public void Programs_that_start_at_once_agree()
    {
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => StateDirectory.ClaimAlone(_directory["fresh"]));
        Assert.Equal(StateFormat.Current, StateDirectory.Check(_directory["fresh"])!.Format);
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(_directory["fresh"]));
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_left_to_those_who_need_it()
    {
        File.WriteAllText(_directory["file"], "");
        StateDirectory.ClaimAlone(_directory["file/state"]);
        StateDirectory.ClaimAlone(_directory["file"]);
    }

    private static string? Never() => throw new InvalidOperationException("asked though nothing is to be changed");

    private static string? None() => null;

    private static StateMigration Step(string name) => new(name, path => File.AppendAllText(Path.Combine(path, "done"), name + " "));

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private List<string> Listing() =>
        [.. new DirectoryInfo(State).EnumerateFileSystemInfos().Select(entry => $"{entry.Name} {entry.Attributes} {entry.LastWriteTimeUtc.Ticks} {entry.UnixFileMode}").Order(StringComparer.Ordinal)];
}
