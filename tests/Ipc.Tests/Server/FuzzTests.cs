using System.Diagnostics;
using System.Text;

namespace Strata.Ipc.Tests;

/// <summary>Random mutation of good requests, with a fixed seed: the same frames every time.</summary>
public sealed class FuzzTests
{
    private const int Seed = 577215;
    private const int Rounds = 100_000;

    private static readonly string[] Good =
    [
        """{"v":1,"req_id":"f","method":"t.ping"}""",
        """{"v":1,"req_id":"f","method":"t.echo","params":{"text":"\ud83d\ude00 ž"},"auth":{"token":"good"}}""",
        """{"v":1,"req_id":"\u0066","method":"t.all","params":{"name":"n","count":5,"mode":"fast","tags":["a"],"weights":{"k":1},"data":"YQ==","nested":{"level":1},"extra":[{"a":null}]}}""",
        """{"v":1,"req_id":"f","method":"t.count","params":{"size":2},"more":true,"deadline_ms":5}""",
        """{"v":1,"req_id":"f","method":"cancel","params":{"req_id":"x"}}""",
    ];

    private static readonly string[] Pieces =
    [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "\\ud800", "\\udc00", "\\u0000", "\"v\":1,", "\"req_id\":\"g\",", "\"params\":", "\"more\":true,", "[[[[[[[[[[[[[[[[[[", "{\"a\":",
    ];

    [Fact]
    public void Mutated_frames_are_each_answered_and_harm_nothing()
    {
        var random = new Random(Seed);
        using var driver = new SessionDriver(new TestMethods().All(), authorizer: new FakeAuthorizer());
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Rounds && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3); i++)
        {
            var payload = Mutate(random);
            var before = driver.Outcomes.Count;
            driver.Session.Receive(SessionDriver.Frame(payload));
            driver.RunUntil(() => driver.Session.InFlight == 0);
            Assert.True(driver.Outcomes.Count == before + 1, Shown(i, payload));
            Assert.True(driver.Session.WantsInput, Shown(i, payload));
            if (i % 16 == 0)
            {
                Assert.NotEmpty(driver.Ready());
                Assert.True(driver.Call("t.ping", "{}").IsOk(), Shown(i, payload));
            }
            else
            {
                AssertDelimited(driver, i, payload);
            }
        }

        Assert.Empty(driver.Faults);
    }

    [Fact]
    public void Mutated_streams_of_bytes_never_throw()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 2000; i++)
        {
            using var driver = new SessionDriver(new TestMethods().All());
            for (var j = 0; j < 4 && driver.Session.WantsInput; j++)
            {
                var frame = SessionDriver.Frame(Mutate(random));
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
                var cut = random.Next(frame.Length);
                driver.Session.Receive(frame.AsSpan(0, cut));
                driver.Session.Receive(frame.AsSpan(cut));
                driver.RunUntil(() => driver.Session.InFlight == 0);
                driver.Flush();
            }

            Assert.Empty(driver.Faults);
        }
    }

    private static void AssertDelimited(SessionDriver driver, int round, byte[] payload)
    {
        var rest = driver.Session.Output.Unsent.Span;
        Assert.False(rest.IsEmpty, Shown(round, payload));
        while (!rest.IsEmpty)
        {
            Assert.True(FrameSplitter.TryCut(rest, driver.Limits.MaxFrameBytes, out var answer) == FrameStatus.Frame, Shown(round, payload));
            Assert.True(answer.StartsWith("{\"v\":1,\"req_id\":\""u8) && answer.EndsWith("}"u8), Shown(round, payload));
            rest = rest[(4 + answer.Length)..];
        }

        driver.Session.Sent(driver.Session.Output.Length);
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Good[random.Next(Good.Length)]).ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }

            if (bytes.Count == 0)
            {
                bytes.Add((byte)'x');
            }
        }

        return [.. bytes];
    }

    private static string Shown(int round, byte[] payload) => $"seed {Seed}, round {round}: {Encoding.UTF8.GetString(payload)}";
}
