namespace Strata.Supervision;

/// <summary>
/// Who is restarted when a service crashes: the strategies of Erlang/OTP supervisors, told in terms of <c>requires</c>.
/// The crashed service's own strategy decides.
/// </summary>
public enum RestartStrategy
{
    /// <summary>It alone. The default.</summary>
    OneForOne,

    /// <summary>It, and all that require it, directly or through others.</summary>
    RestForOne,

    /// <summary>
    /// It, its group, and all that require a member of the group, directly or through others. Its group are the services with
    /// this strategy that are linked to it by <c>requires</c>, in either direction, directly or through others of the group.
    /// </summary>
    OneForAll,
}
