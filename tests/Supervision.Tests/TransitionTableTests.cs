namespace Strata.Supervision.Tests;

public sealed class TransitionTableTests
{
    public static TheoryData<ServiceState, ServiceEvent> EveryPair()
    {
        var pairs = new TheoryData<ServiceState, ServiceEvent>();
        foreach (var state in Enum.GetValues<ServiceState>())
        {
            foreach (var occurred in Enum.GetValues<ServiceEvent>())
            {
                pairs.Add(state, occurred);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void Every_state_answers_every_event(ServiceState state, ServiceEvent occurred)
    {
        var cell = TransitionTable.Lookup(state, occurred);

        Assert.True(Enum.IsDefined(cell.Next));
        Assert.True(Enum.IsDefined(cell.Action));
        if (cell.Kind != TransitionKind.Move)
        {
            Assert.Equal(state, cell.Next);
            Assert.Equal(ServiceAction.None, cell.Action);
        }

        Assert.Equal(cell.Kind == TransitionKind.Refuse, cell.Refusal is not null);
    }

    [Fact]
    public void Only_operators_wishes_are_refused()
    {
        foreach (var state in Enum.GetValues<ServiceState>())
        {
            foreach (var occurred in Enum.GetValues<ServiceEvent>())
            {
                if (TransitionTable.Lookup(state, occurred).Kind == TransitionKind.Refuse)
                {
                    Assert.Equal(ServiceEvent.Start, occurred);
                }
            }
        }
    }

    [Fact]
    public void Stop_and_restart_are_accepted_in_every_state()
    {
        foreach (var state in Enum.GetValues<ServiceState>())
        {
            Assert.Equal(TransitionKind.Move, TransitionTable.Lookup(state, ServiceEvent.Stop).Kind);
            Assert.Equal(TransitionKind.Move, TransitionTable.Lookup(state, ServiceEvent.Restart).Kind);
        }
    }

    [Theory]
    [InlineData(ServiceState.Declared, ServiceState.Starting)]
    [InlineData(ServiceState.Starting, ServiceState.Healthy)]
    [InlineData(ServiceState.Starting, ServiceState.Crashed)]
    [InlineData(ServiceState.Healthy, ServiceState.Crashed)]
    [InlineData(ServiceState.Crashed, ServiceState.Restarting)]
    [InlineData(ServiceState.Crashed, ServiceState.Quarantined)]
    [InlineData(ServiceState.Restarting, ServiceState.Starting)]
    [InlineData(ServiceState.Quarantined, ServiceState.Starting)]
    [InlineData(ServiceState.Stopped, ServiceState.Starting)]
    public void The_transitions_of_protocol_version_1_exist(ServiceState from, ServiceState to) =>
        Assert.Contains(Enum.GetValues<ServiceEvent>(), e => TransitionTable.Lookup(from, e).Next == to);

    [Fact]
    public void Every_state_is_reached_and_every_state_is_left()
    {
        var moves = Enum.GetValues<ServiceState>()
            .SelectMany(s => Enum.GetValues<ServiceEvent>().Select(e => (From: s, TransitionTable.Lookup(s, e).Next)))
            .Where(move => move.From != move.Next).ToArray();

        Assert.All(Enum.GetValues<ServiceState>(), s => Assert.Contains(moves, m => m.From == s));
        Assert.All(Enum.GetValues<ServiceState>().Skip(1), s => Assert.Contains(moves, m => m.Next == s));
    }

    [Fact]
    public void Values_outside_the_enumerations_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TransitionTable.Lookup((ServiceState)99, ServiceEvent.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => TransitionTable.Lookup(ServiceState.Healthy, (ServiceEvent)99));
    }
}
