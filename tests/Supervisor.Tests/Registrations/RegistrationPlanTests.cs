using Strata.Contracts;

namespace Strata.Supervisor.Tests;

public sealed class RegistrationPlanTests
{
    private static readonly RegistryEntry Fs = new("fs", "unix:///fs", 1, true, 0);
    private static readonly RegistryEntry Guest = new("guest", "unix:///guest", 2, null, 1000);

    [Fact]
    public void A_fresh_registry_gets_declared_services_and_what_its_predecessor_held()
    {
        var plan = new RegistrationPlan().Synchronised([Fs, Guest], restarted: true).Synchronised([], restarted: true);
        Assert.Equal([Fs, Guest], plan.ToRegister([Fs]));
    }

    [Fact]
    public void A_registry_that_lived_on_is_believed()
    {
        var plan = new RegistrationPlan().Synchronised([Fs, Guest], restarted: true).Synchronised([Fs], restarted: false);
        Assert.Empty(plan.ToRegister([Fs]));
    }

    [Fact]
    public void What_came_back_by_itself_or_was_given_up_is_not_put_back()
    {
        var lost = new RegistrationPlan().Synchronised([Guest], restarted: true).Synchronised([], restarted: true);
        Assert.Empty(lost.Changed("registered", Guest with { Endpoint = "unix:///elsewhere" }).ToRegister([]));
        Assert.Empty(lost.GivenUp("guest").ToRegister([]));
    }

    [Fact]
    public void Two_restarts_in_a_row_lose_nothing()
    {
        var plan = new RegistrationPlan().Synchronised([Guest], restarted: true).Synchronised([], restarted: true).Synchronised([], restarted: true);
        Assert.Equal([Guest], plan.ToRegister([]));
    }

    [Fact]
    public void Declared_services_that_are_down_are_unregistered_and_guests_are_let_be()
    {
        var plan = new RegistrationPlan().Synchronised([Fs, Guest], restarted: true);
        Assert.Equal(["fs"], plan.ToUnregister([]));
        Assert.Empty(plan.ToUnregister([Fs]));
        Assert.Empty(plan.Changed("unregistered", Fs).ToUnregister([]));
    }

    [Theory]
    [InlineData(RegistrationPlan.MaxRemembered, RegistrationPlan.MaxRemembered)]
    [InlineData(RegistrationPlan.MaxRemembered + 1, RegistrationPlan.MaxRemembered)]
    public void No_more_entries_than_a_registry_holds_are_remembered(int held, int remembered)
    {
        var entries = Enumerable.Range(0, held).Select(n => Guest with { Service = $"guest{n}" }).ToArray();
        Assert.Equal(remembered, new RegistrationPlan().Synchronised(entries, true).Synchronised([], true).ToRegister([]).Count());
    }
}
