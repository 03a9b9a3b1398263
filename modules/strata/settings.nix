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
  };

  # What has an option of its own.
  elsewhere = {
    STRATA_NODE_ID = "nodeId";
    STRATA_RUNTIME_DIR = "runtimeDir";
    STRATA_FS_ROOTS = "roots";
    STRATA_AUTHORITY_UIDS = "operators";
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
