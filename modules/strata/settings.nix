# The variables of docs/configuration.md: a test holds these lists to its table.
{
  # What `settings` may name.
  known = {
    STRATA_EXIT_WITH_CHILDREN = {
      kind = "flag";
      description = "Whether services end with the supervisor even when it is killed.";
    };
    STRATA_TOKEN_VERSION = {
      kind = "version";
      description = "Version of new tokens; both are always verified.";
    };
    STRATA_MAX_TTL_SECONDS = {
      kind = "count";
      description = "Longest lifetime of a capability, in seconds.";
    };
    STRATA_REVOKE_WAIT_MS = {
      kind = "count";
      description = "How long a revocation waits for verifiers before it names those that have not confirmed, in milliseconds.";
    };
    STRATA_STALENESS_MS = {
      kind = "count";
      description = "A verifier that has heard nothing from identity for so long denies, in milliseconds.";
    };
    STRATA_CAPABILITY_TTL_SECONDS = {
      kind = "count";
      description = "Lifetime of the capabilities that services are handed, in seconds.";
    };
    STRATA_AUDIT_READS = {
      kind = "reads";
      description = "Which reads of fs are audited.";
    };
    STRATA_JOURNAL = {
      kind = "text";
      description = "Whether what services print goes to the journal as well: auto, off, or the path of its socket.";
    };
    STRATA_SANDBOX_BRIDGE_POOL = {
      kind = "text";
      description = "Addresses of sessions with network bridge: a range of IPv4 that nothing else uses.";
    };
    STRATA_SANDBOX_MAX_SESSIONS = {
      kind = "count";
      description = "Most sessions of the sandbox service.";
    };
    STRATA_SANDBOX_MAX_SESSIONS_PER_OWNER = {
      kind = "count";
      description = "Most sessions of one owner.";
    };
    STRATA_SANDBOX_WARM = {
      kind = "count";
      description = "Sandboxes made ahead for the next sessions that are like the last one.";
    };
    STRATA_SANDBOX_TTL_SECONDS = {
      kind = "count";
      description = "How long a session stays without use unless it says otherwise, in seconds.";
    };
    STRATA_SANDBOX_MAX_LIFETIME_SECONDS = {
      kind = "count";
      description = "How long a session stays in any case, in seconds.";
    };
    STRATA_SANDBOX_MEMORY_MB = {
      kind = "count";
      description = "Memory of a session that names none, in megabytes.";
    };
    STRATA_SANDBOX_MAX_MEMORY_MB = {
      kind = "count";
      description = "Most memory of a session, in megabytes.";
    };
    STRATA_SANDBOX_CPU_PERCENT = {
      kind = "count";
      description = "Processor time of a session that names none, in percent of one processor.";
    };
    STRATA_SANDBOX_MAX_CPU_PERCENT = {
      kind = "count";
      description = "Most processor time of a session, in percent of one processor.";
    };
    STRATA_SANDBOX_PIDS = {
      kind = "count";
      description = "Processes of a session that names no number.";
    };
    STRATA_SANDBOX_MAX_PIDS = {
      kind = "count";
      description = "Most processes of a session.";
    };
    STRATA_SANDBOX_DISK_MB = {
      kind = "count";
      description = "What a session may change of its image that names no bound, in megabytes; without it nothing bounds that.";
    };
    STRATA_SANDBOX_MAX_DISK_MB = {
      kind = "count";
      description = "The most a session may change of its image, in megabytes.";
    };
    STRATA_SANDBOX_WORKSPACE_MB = {
      kind = "count";
      description = "Most that one workspace holds, in megabytes.";
    };
    STRATA_SANDBOX_SNAPSHOTS_MB = {
      kind = "count";
      description = "Most that all snapshots of one owner hold together, in megabytes.";
    };
    STRATA_SANDBOX_REACHABLE = {
      kind = "text";
      description = "Ranges of private, local and reserved addresses that sessions may be allowed to reach, separated by commas.";
    };
    STRATA_SANDBOX_IMAGE_DISK_MB = {
      kind = "count";
      description = "Most that all images hold together, in megabytes.";
    };
    STRATA_SANDBOX_MAX_IMAGES = {
      kind = "count";
      description = "Most images.";
    };
    STRATA_SANDBOX_IMAGE_ALIASES = {
      kind = "text";
      description = "Names that stand for images, NAME=IMAGE, separated by commas.";
    };
    STRATA_SANDBOX_REGISTRY_AUTH = {
      kind = "text";
      description = "File with names and passwords for registries of images.";
    };
  };

  # What has an option of its own.
  elsewhere = {
    STRATA_NODE_ID = "nodeId";
    STRATA_RUNTIME_DIR = "runtimeDir";
    STRATA_FS_ROOTS = "roots";
    STRATA_AUTHORITY_UIDS = "operators";
    STRATA_SANDBOX_NETWORKS = "sandbox.networks";
    STRATA_SANDBOX_REGISTRIES = "sandbox.registries";
    STRATA_IDENTITY_PASSPHRASE_FILE = "identity.passphraseFile";
    STRATA_IDENTITY_OLD_PASSPHRASE_FILE = "identity.oldPassphraseFile";
  };

  # What the unit decides.
  fixed = [
    "STRATA_STATE_DIR"
    "STRATA_CONFIG_DIR"
  ];

  # What only strata-ctl reads.
  ofClients = [
    "STRATA_TOKEN"
    "STRATA_TOKEN_FILE"
    "STRATA_HOLDER_KEY_FILE"
    "STRATA_COMPLETION_TIMEOUT"
  ];
}
