using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class LogReadingTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LogQuery All = new([], null, null, null, null);

    [Fact]
    public async Task An_empty_log_has_its_mark_and_new_lines_follow_it()
    {
        var book = OpenBook();
        await using var pages = LogReading.ReadAsync(book, All, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());
        Assert.Equal((0, 1L, true), (pages.Current.Lines.Count, pages.Current.NextSeq, pages.Current.CaughtUp));
        var next = pages.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        book.Add(Line("a", "new"));
        book.Publish();
        Assert.True(await next.WaitAsync(Deadline));
        Assert.Equal("new", Assert.Single(pages.Current.Lines).Text);
    }

    [Fact]
    public async Task Lines_are_chosen_by_name_number_time_stream_and_count()
    {
        var book = OpenBook();
        for (var i = 1; i <= 10; i++)
        {
            book.Add(Line(i % 2 == 0 ? "even" : "odd", $"{i}", i) with { Source = i > 5 ? LogSource.Stderr : LogSource.Stdout });
        }

        Assert.Equal("2 4 6 8 10", await KeptAsync(book, All with { Names = ["even"] }));
        Assert.Equal("7 8 9 10", await KeptAsync(book, All with { SinceSequence = 7 }));
        Assert.Equal("3 4 5 6 7 8 9 10", await KeptAsync(book, All with { Since = Noon.AddSeconds(3) }));
        Assert.Equal("1 2 3 4 5", await KeptAsync(book, All with { Source = LogSource.Stdout }));
        Assert.Equal("8 9 10", await KeptAsync(book, All with { Limit = 3 }));
        Assert.Equal("8 10", await KeptAsync(book, All with { Limit = 2, Names = ["even"] }));
        Assert.Equal("", await KeptAsync(book, All with { SinceSequence = 11 }));
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_told_how_many_lines_it_lost()
    {
        var book = OpenBook();
        await using var pages = LogReading.ReadAsync(book, All, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        await pages.MoveNextAsync();
        for (var i = 0; i < LogBook.MaxLines + 7; i++)
        {
            book.Add(Line("a", "x"));
        }

        book.Publish();
        var got = 0;
        while (got < LogBook.MaxLines)
        {
            await pages.MoveNextAsync();
            Assert.Equal(got == 0 ? 7 : null, pages.Current.Missed);
            got += pages.Current.Lines.Count;
        }

        Assert.Equal(LogBook.MaxLines, got);
    }

    [Theory]
    [InlineData(LogReading.MaxPageLines, 1, 1)]
    [InlineData(LogReading.MaxPageLines + 1, 1, 2)]
    [InlineData(6, LogReading.MaxPageChars / 6, 1)]
    [InlineData(7, LogReading.MaxPageChars / 6, 2)]
    public void Pages_are_bounded_and_continue_where_they_ended(int lines, int chars, int pages)
    {
        var all = Enumerable.Range(1, lines).Select(n => Line("a", new string('x', chars)) with { Sequence = n }).ToList();
        var cut = LogReading.Pages(all, lines + 1, missed: 0, live: false).ToList();
        Assert.Equal(pages, cut.Count);
        Assert.Equal(Enumerable.Range(1, lines).Select(n => (long)n), cut.SelectMany(p => p.Lines).Select(l => l.Seq));
        Assert.Equal(lines + 1, cut[^1].NextSeq);
        Assert.Equal(cut.Select((_, i) => i == pages - 1), cut.Select(p => p.CaughtUp));
        Assert.All(cut.SkipLast(1).Zip(cut.Skip(1)), pair => Assert.Equal(pair.Second.Lines[0].Seq, pair.First.NextSeq));
    }

    [Fact]
    public void The_worst_page_fits_into_a_frame()
    {
        var text = "time=1 level=info service=a msg=\"" + new string('é', 300) + "\"";
        var all = Enumerable.Range(1, 500).Select(n => Line("a", n % 2 == 0 ? text : new string('\u0001', 200)) with { Sequence = n }).ToList();
        foreach (var page in LogReading.Pages(all, 1, 0, live: false))
        {
            Assert.True(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(page, ContractsJson.Default.LogPage).Length < IpcLimits.Default.MaxFrameBytes - 1024);
        }
    }

    [Fact]
    public void Many_services_share_the_memory_of_one_book()
    {
        var book = OpenBook();
        for (var i = 0; i < 100 * 40; i++)
        {
            book.Add(Line($"s{i % 100}", new string('x', LineSplitter.MaxLineBytes)));
        }

        Assert.True(book.Take([], []).Lines.Sum(l => l.Text.Length) <= LogBook.MaxCharsInAll);
    }

    [Fact]
    public async Task Without_more_one_page_is_the_answer_and_bad_wishes_are_refused_by_name()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        await using var client = await node.ConnectAsync();
        var page = await client.CallAsync("supervisor.logs", new LogsParams(["one"]), ContractsJson.Default.LogsParams, ContractsJson.Default.LogPage);
        Assert.True(page.CaughtUp);

        var unknown = await client.SendAsync(LogReader.Request(new LogsParams(["nosuch"])));
        Assert.Equal("unknown_service", unknown.Error?.Reason);
        foreach (var bad in new[] { "yesterday at noon, please", "2030-01-02 03:04:05.678", "2030-13-02T03:04:05.678Z" })
        {
            var refused = await client.SendAsync(LogReader.Request(new LogsParams(Since: bad)));
            Assert.Equal(ErrorCode.InvalidArgument, refused.Error?.Code);
            Assert.Contains("since", refused.Error!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_user_follows_so_often_and_no_more()
    {
        await using var node = TestNode.Start();
        await using var first = await node.ConnectAsync();
        await using var second = await node.ConnectAsync();
        var watches = new List<IAsyncEnumerator<RpcResponse>>();
        for (var i = 0; i < LogMethods.MaxFollowersPerUid; i++)
        {
            var watch = first.StreamAsync(LogReader.Request(new LogsParams())).GetAsyncEnumerator();
            Assert.True(await watch.MoveNextAsync());
            Assert.True(watch.Current.Continues);
            watches.Add(watch);
        }

        Assert.Equal("too_many_watchers", (await second.SendAsync(LogReader.Request(new LogsParams()))).Error?.Reason);
    }

    private static LogBook OpenBook()
    {
        var book = new LogBook();
        book.Open();
        return book;
    }

    private static LogLine Line(string service, string text, int second = 0) => new()
    {
        Time = Noon.AddSeconds(second), Service = service, Source = LogSource.Stdout, Text = text, Incarnation = 1,
    };

    private static async Task<string> KeptAsync(LogBook book, LogQuery query)
    {
        await foreach (var page in LogReading.ReadAsync(book, query))
        {
            Assert.True(page.CaughtUp);
            return string.Join(' ', page.Lines.Select(l => l.Text));
        }

        return "none";
    }
}
