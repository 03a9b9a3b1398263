namespace Strata.Supervisor;

/// <summary>What the command line or the environment asks of a supervisor.</summary>
/// <param name="ExitWithChildren">Whether every process ends with the supervisor, even by kill -9: for one that nobody starts again.</param>
internal sealed record SupervisorOptions(bool ExitWithChildren)
{
    internal const string ExitWithChildrenFlag = "--exit-with-children";
    internal const string ExitWithChildrenVariable = "STRATA_EXIT_WITH_CHILDREN";

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks a variable up.</param>
    /// <exception cref="Hosting.SettingsException">It is neither 0 nor 1.</exception>
    internal static SupervisorOptions From(Func<string, string?> variable) =>
        new(Hosting.NodeSettings.WholeNumber(variable, ExitWithChildrenVariable, 0, 0, 1) == 1);
}
