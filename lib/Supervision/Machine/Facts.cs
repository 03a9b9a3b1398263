namespace Strata.Supervision;

/// <summary>What an event brings along into a transition.</summary>
/// <param name="Because">Why, in words; becomes the reason of the state that is entered.</param>
/// <param name="Wanted">What is wanted afterwards; null leaves that as it is.</param>
/// <param name="Pid">The process of a confirmed spawn.</param>
/// <param name="Crash">The cause, when the event may be a crash.</param>
/// <param name="Drain">The operator's drain time; null means the manifest's.</param>
internal sealed record Facts(
    string Because, bool? Wanted = null, int? Pid = null, CrashCause? Crash = null, TimeSpan? Drain = null);
