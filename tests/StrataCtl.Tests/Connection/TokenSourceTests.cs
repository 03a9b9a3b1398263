using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Tests.Connection;

public sealed class TokenSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sctl-token-").FullName;
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_option_goes_before_the_file_the_variable_and_the_variables_file()
    {
        var (file, other) = (Write("f", "from-file\n"), Write("g", "from-variables-file"));
        _variables[TokenSource.FileVariable] = other;
        Assert.Equal("from-variables-file", Find(null, null));
        _variables[TokenSource.Variable] = "from-variable";
        Assert.Equal("from-variable", Find(null, null));
        Assert.Equal("from-file", Find(null, file));
        Assert.Equal("from-option", Find("from-option", file));
    }

    [Fact]
    public void Nothing_given_is_no_token() => Assert.Null(Find(null, null));

    [Theory]
    [InlineData(0x1A4, 1)]
    [InlineData(0x1A0, 1)]
    [InlineData(0x180, 0)]
    public void A_file_that_others_can_read_is_used_with_a_warning(int mode, int warnings)
    {
        var file = Write("f", "t");
        File.SetUnixFileMode(file, (UnixFileMode)mode);
        Assert.Equal("t", Find(null, file));
        Assert.Equal(warnings, _warnings.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("two tokens")]
    public void A_file_must_hold_one_token(string content) => Assert.Throws<UsageException>(() => Find(null, Write("f", content)));

    [Fact]
    public void A_file_may_have_as_many_bytes_as_the_limit_and_not_one_more()
    {
        Assert.Equal(TokenSource.MaxFileBytes, Find(null, Write("f", new string('t', TokenSource.MaxFileBytes)))!.Length);
        Assert.Throws<UsageException>(() => Find(null, Write("g", new string('t', TokenSource.MaxFileBytes + 1))));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("/none/here", Assert.Throws<UsageException>(() => Find(null, "/none/here")).Message, StringComparison.Ordinal);

    private string? Find(string? option, string? file) => TokenSource.Find(
        option, file,
        new Surroundings { Stdout = Stream.Null, Stdin = Stream.Null, Stderr = TextWriter.Null, Variable = _variables.GetValueOrDefault },
        _warnings.Add);

    private string Write(string name, string content)
    {
        var path = Path.Join(_directory, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
