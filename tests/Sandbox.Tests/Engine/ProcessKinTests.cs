using Strata.Ipc;

namespace Strata.Sandbox.Tests;

public sealed class ProcessKinTests
{
    [Fact]
    public async Task One_who_was_born_while_the_others_were_killed_is_killed_as_well()
    {
        using var watch = new DescriptorWatch();
        using var missed = System.Diagnostics.Process.Start("sleep", "1000");
        try
        {
            int ends = 0;
            using var kin = new FakeKin(() => ends++, () => NamespaceMembers.NameOf(missed.Id, "uts") is null ? [] : [missed.Id]);

            await kin.EndAsync(watch).Soon();

            Assert.Equal((2, 0), (kin.Kills, ends));
        }
        finally
        {
            missed.Kill();
        }
    }

    [Theory]
    [InlineData(ProcessKin.FreeRounds - 1, 0, 0)]
    [InlineData(ProcessKin.FreeRounds, 1, 0)]
    [InlineData(ProcessKin.MaxRounds - 1, ProcessKin.MaxRounds - ProcessKin.FreeRounds, 0)]
    [InlineData(ProcessKin.MaxRounds, ProcessKin.MaxRounds - ProcessKin.FreeRounds, 1)]
    public async Task Those_who_are_born_again_and_again_are_held_and_at_last_end_with_their_sandbox(int births, int holds, int expected)
    {
        const int nobody = int.MaxValue; // No process has such a number, as if it had just ended.
        using var watch = new DescriptorWatch();
        int ends = 0, looks = 0;
        using var kin = new FakeKin(() => ends++, () => looks++ < births ? [nobody] : []);

        await kin.EndAsync(watch).Soon();

        Assert.Equal((holds, expected), (kin.Holds, ends));
    }

    [Fact]
    public async Task Those_who_cannot_be_held_end_with_their_sandbox()
    {
        using var watch = new DescriptorWatch();
        int ends = 0;
        using var kin = new FakeKin(() => ends++, () => [int.MaxValue]) { Fails = true };

        await kin.EndAsync(watch).Soon();

        Assert.Equal((1, 1), (kin.Holds, ends));
    }

    private sealed class FakeKin(Action endSandbox, Func<IReadOnlyList<int>> members) : ProcessKin(endSandbox)
    {
        internal int Kills { get; private set; }

        internal override IReadOnlyList<int> Members() => members();

        internal int Holds { get; private set; }

        internal bool Fails { get; init; }

        internal override void Kill() => Kills++;

        private protected override int LastBorn() => 0; // Others on the machine are none of these tests' business.

        internal override Task HoldAsync(Action action)
        {
            Holds++;
            return Fails ? throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, "held up") : Task.CompletedTask;
        }

        public override void Dispose()
        {
        }
    }
}
