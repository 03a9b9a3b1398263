using Strata.Contracts;

namespace Strata.Supervisor;

/// <summary>The supervisor takes its settings from the environment; its command line explains that, and has one of them.</summary>
internal static class CommandLine
{
    internal const int ExitUsage = 64;

    internal const string CheckStateFlag = "--check-state";

    private const string Usage = """
        Usage: supervisor [--exit-with-children]
               supervisor --check-takeover | --check-state | --help | --version

        Starts a node: the services registry, identity and fs, and those of the manifests in services.d, and keeps them
        running. Ends on SIGTERM or SIGINT after stopping them in reverse order; a second signal kills what is left at once.
        On SIGHUP it applies what has changed in services.d, like strata-ctl config apply.
        When it is killed its services run on, and the next supervisor on the same runtime directory takes them over.

        --check-takeover         says whether this program would take over the node of this environment as it is (exit code 0), and
                                 touches nothing; strata-ctl supervisor upgrade asks it before it puts it in the supervisor's place
        --check-state            says whether this program may use the state as it lies there (exit code 0), and touches nothing:
                                 state of a newer format is refused
        --exit-with-children     services end with the supervisor even when it is killed: for one that nobody starts again

        Environment:
          STRATA_RUNTIME_DIR     sockets and the lock; default /run/strata
          STRATA_CONFIG_DIR      manifests, in services.d/*.service.json; default /etc/strata; strata-ctl config check
                                 tells what is wrong with them
          STRATA_STATE_DIR       keys, revocations, audit; default /var/lib/strata, or state in STRATA_RUNTIME_DIR when
                                 only that is set
          STRATA_NODE_ID         name of the node; default local-0
          STRATA_AUTHORITY_UIDS  user ids beside root and the node's own that need no capability
          STRATA_EXIT_WITH_CHILDREN
                                 1 is --exit-with-children; default 0
          STRATA_REGISTRY_BIN, STRATA_IDENTITY_BIN, STRATA_FS_BIN, STRATA_NAME_BIN
                                 programs of the services; default as their manifests say: an absolute path, or a name
                                 that is looked for beside the supervisor, then in PATH
        Services see these, every other STRATA_* setting except STRATA_TOKEN, DOTNET_*, PATH, HOME, LANG and TZ.

        Exit codes: 0 stopped as asked, 64 wrong usage, 70 a fault, 73 another supervisor runs here, 78 cannot start.
        """;

    internal static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, Func<bool, Task<int>> run)
    {
        switch (arguments)
        {
            case []:
                return await run(false).ConfigureAwait(false);
            case [SupervisorOptions.ExitWithChildrenFlag]:
                return await run(true).ConfigureAwait(false);
            case [Upgrade.CheckFlag]:
                return await SupervisorProgram.CheckTakeoverAsync().ConfigureAwait(false);
            case [CheckStateFlag]:
                return await SupervisorProgram.CheckStateAsync(Environment.GetEnvironmentVariable, output, errors).ConfigureAwait(false);
            case ["--help" or "-h"]:
                await output.WriteLineAsync(Usage).ConfigureAwait(false);
                return 0;
            case ["--version"]:
                await output.WriteLineAsync($"supervisor {StrataVersion.Current}").ConfigureAwait(false);
                return 0;
            default:
                await errors.WriteLineAsync($"supervisor: it takes no arguments but --exit-with-children, --check-state, --help and --version\n\n{Usage}").ConfigureAwait(false);
                return ExitUsage;
        }
    }
}
