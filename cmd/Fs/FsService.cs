using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>Declares the file service's methods and puts its parts together.</summary>
internal sealed partial class FsService : IDisposable
{
    internal const string Open = "fs.open";
    internal const string OpenDescriptor = "fs.open_fd";

    private readonly BlockingGate _gate;
    private readonly FsFiles _files;
    private readonly FileReader _reader;
    private readonly FileWriter _writer;
    private readonly FsChanges _changes;
    private readonly FileCopier _copier;
    private readonly AtomicWriter _atomic;
    private readonly FileHasher _hasher;
    private readonly FileDownload _download;
    private readonly Uploads _uploads;
    private readonly FileFinder _finder;
    private readonly WatchBoard _board;
    private readonly ByteAllowances _allowances;
    private readonly FileWatcher _watcher;

    /// <summary>Puts the parts together.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="audit">Where records go.</param>
    /// <param name="revocations">The revocations in force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told when the disk fails; null for nobody.</param>
    internal FsService(FsOptions options, AuditLog audit, RevocationSet revocations, TimeProvider time, ILogger? log = null)
    {
        var records = new FsAudit(audit, options.AuditsEveryRead);
        _gate = new BlockingGate(options.MaxBlockingCalls);
        Handles = new OpenHandles(options, records, revocations, time);
        var paths = new PathCalls(new FsRoots(options.Roots, options.KeptOut), _gate, records);
        _files = new FsFiles(Handles, paths, _gate, records);
        _reader = new FileReader(Handles, _gate, records);
        var ledger = new QuotaLedger(options.QuotaDirectory, options.MaxQuotas, time, log ?? NullLogger.Instance);
        _allowances = new ByteAllowances(ledger, _gate, options, time);
        _writer = new FileWriter(Handles, _gate, _allowances, records);
        _changes = new FsChanges(paths, records);
        _copier = new FileCopier(paths, Handles, _gate, _allowances, records);
        _atomic = new AtomicWriter(paths, _allowances, records);
        _hasher = new FileHasher(paths, Handles, _gate);
        _download = new FileDownload(paths, Handles, _gate, records);
        _uploads = new Uploads(paths, Handles, _gate, _allowances, records);
        _finder = new FileFinder(paths, Handles, _gate, options);
        _board = new WatchBoard(options.MaxWatches);
        _watcher = new FileWatcher(paths, Handles, _board, options);
    }

    internal OpenHandles Handles { get; }

    internal IReadOnlyList<Method> Methods => [.. ReadingMethods, .. ChangingMethods, .. TransferMethods];

    private IReadOnlyList<Method> ReadingMethods =>
    [
        new UnaryMethod<OpenParams, OpenResult>(
            Open, "Opens a regular file beneath the capability's path_prefix to read, or with further rights to write.",
            Access.Right(Open), () => ContractsJson.Default.OpenParams, () => ContractsJson.Default.OpenResult, _files.OpenAsync)
        {
            Resource = p => p.Path,
            FurtherRights = [Write, Truncate, OpenDescriptor],
            Further = FsFiles.FurtherOf,
            Errors = OfChanges,
        },
        new UnaryMethod<ReadParams, ReadResult>(
            "fs.read", "Reads bytes of an open file at an offset; an answer may carry fewer than asked for.",
            Access.Right("fs.read"), () => ContractsJson.Default.ReadParams, () => ContractsJson.Default.ReadResult, _reader.Read)
        {
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable],
        },
        new UnaryMethod<ListParams, ListResult>(
            "fs.list", "Lists a directory beneath the capability's path_prefix, a page at a time.",
            Access.Right("fs.list"), () => ContractsJson.Default.ListParams, () => ContractsJson.Default.ListResult, _files.ListAsync)
        {
            Resource = p => p.Path,
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<StatParams, StatResult>(
            "fs.stat", "Tells what a path beneath the capability's path_prefix is; links inside it are followed.",
            Access.Right("fs.stat"), () => ContractsJson.Default.StatParams, () => ContractsJson.Default.StatResult, _files.StatAsync)
        {
            Resource = p => p.Path,
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<CloseParams, StatusResult>(
            "fs.close", "Closes a handle.",
            Access.Right(Open), () => ContractsJson.Default.CloseParams, () => ContractsJson.Default.StatusResult, (p, call) => _files.Close(p, call))
        {
            Errors = [ErrorCode.NotFound],
        },
    ];

    /// <summary>Builds the service for a node.</summary>
    internal static ServiceSetup Build(ServiceEnvironment environment)
    {
        var options = FsOptions.From(environment.Variable) with
        {
            Roots = FsRoots.From(environment.Variable, environment.Settings), KeptOut = new KeptOut(environment.Settings.KeptPaths),
            QuotaDirectory = Path.Combine(environment.Settings.StateDir, "fs"),
        };
        var identity = environment.CreateFeed();
        var service = new FsService(options, environment.Audit, identity.Revocations, environment.Time, environment.Log);
        identity.Revoked += () => service.Handles.CloseRevoked();
        KeepPoolAlive(options.MaxBlockingCalls);
        return new ServiceSetup(service.Methods, environment.CreateAuthorizer(identity, ServiceConstraints.Files))
        {
            Background = [identity.RunAsync, service.Handles.SweepAsync],
            ReadyWhen = identity.FirstSnapshot,
            OnStopped = () =>
            {
                service.Dispose();
                return ValueTask.CompletedTask;
            },
        };
    }

    /// <summary>Closes every handle.</summary>
    public void Dispose()
    {
        Handles.CloseAll();
        _allowances.Close();
        _board.Dispose();
        _gate.Dispose();
    }

    /// <summary>Calls that wait for a file system must not keep the identity feed from its thread: the pool grows only slowly by itself.</summary>
    private static void KeepPoolAlive(int blockingCalls)
    {
        ThreadPool.GetMinThreads(out var workers, out var completion);
        ThreadPool.SetMinThreads(workers + blockingCalls, completion);
    }
}
