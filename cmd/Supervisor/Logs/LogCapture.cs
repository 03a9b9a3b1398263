using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Everything about what services print: pipes, memory, files and the supervisor's standard error.</summary>
internal sealed class LogCapture : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly LogFiles _files;
    private readonly LogLoop _loop;
    private readonly TimeProvider _time;
    private readonly Journal? _journal;

    /// <summary>Begins to keep logs.</summary>
    /// <param name="settings">The node: files are below its state directory.</param>
    /// <param name="echo">Takes every line of services as it appears on standard error.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The supervisor's own log.</param>
    /// <param name="journal">Takes every line as well, and belongs to this object from now on; null for none.</param>
    internal LogCapture(NodeSettings settings, Action<byte[]> echo, TimeProvider time, ILogger log, Journal? journal = null)
    {
        (_time, _journal) = (time, journal);
        var directory = DirectoryOf(settings);
        _files = new LogFiles(directory, time, log);
        Fifos = new ServiceFifos(settings);
        _loop = new LogLoop(() => Begin(directory), line => Keep(line, echo), Book.Publish, Fifos.Remove, time, log);
    }

    /// <summary>The pipes of services.</summary>
    internal ServiceFifos Fifos { get; }

    /// <summary>The lines in memory.</summary>
    internal LogBook Book { get; } = new();

    internal static string DirectoryOf(NodeSettings settings) => Path.Combine(settings.StateDir, "logs");

    /// <summary>Makes the pipes of an instance that is about to start.</summary>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    internal OutputPipes Open(ServiceManifest manifest, int incarnation)
    {
        var output = Fifos.Create(ServiceFifos.NameOf(manifest.Name, incarnation, ServiceFifos.Output));
        try
        {
            var error = Fifos.Create(ServiceFifos.NameOf(manifest.Name, incarnation, ServiceFifos.Error));
            _files.Use(manifest.Name, manifest.Log);
            _loop.Post(new LogMail.Follow(manifest, incarnation, output.Reader, error.Reader));
            return new OutputPipes(output.Writer, error.Writer);
        }
        catch
        {
            output.Reader.Dispose();
            output.Writer.Dispose();
            throw;
        }
    }

    /// <summary>Goes on reading what an instance prints that an earlier supervisor started.</summary>
    internal void Adopt(ServiceManifest manifest, int incarnation)
    {
        _files.Use(manifest.Name, manifest.Log);
        var output = Fifos.TryOpen(ServiceFifos.NameOf(manifest.Name, incarnation, ServiceFifos.Output));
        var error = Fifos.TryOpen(ServiceFifos.NameOf(manifest.Name, incarnation, ServiceFifos.Error));
        _loop.Post(new LogMail.Follow(manifest, incarnation, output, error));
    }

    /// <summary>From now on these bounds hold for what a service prints.</summary>
    internal void Use(ServiceManifest manifest)
    {
        _files.Use(manifest.Name, manifest.Log);
        _loop.Post(new LogMail.Use(manifest.Name, manifest.Log));
    }

    /// <summary>A service is no longer declared: its file is closed, and stays to be read.</summary>
    internal void Forget(string service)
    {
        _files.Forget(service);
        _loop.Post(new LogMail.Forget(service));
    }

    /// <summary>An instance has ended: its pipes are emptied and closed.</summary>
    internal void Ended(string service, int incarnation) => _loop.Post(new LogMail.Ended(service, incarnation));

    /// <summary>Keeps a line of the supervisor's own, which is on standard error already.</summary>
    internal void KeepOwn(byte[] line) => _loop.Post(new LogMail.Own(_time.GetUtcNow(), line));

    /// <summary>Stops reading and brings what was read to its files, for a program that goes on reading.</summary>
    internal void Leave()
    {
        _loop.Post(new LogMail.Leave());
        Dispose();
    }

    public void Dispose()
    {
        _loop.Dispose();
        // A disk that hangs must not keep the supervisor from ending.
        _ = _files.DisposeAsync().AsTask().Wait(EndTimeout);
        Fifos.Dispose();
        _journal?.Dispose();
    }

    private void Begin(string directory)
    {
        Book.Restore(LogArchive.Read(directory));
        Book.Open();
    }

    private void Keep(LogLine line, Action<byte[]> echo)
    {
        var numbered = Book.Add(line);
        _files.Add(numbered);
        // The supervisor's own lines are on standard error already; what is there is in the journal when that is where it leads.
        var isOwn = line.Service == NodePlan.SupervisorName;
        var journaled = _journal is not null && !(isOwn && _journal.HasStandardError);
        if (journaled)
        {
            _journal!.Write(numbered);
        }

        if (!isOwn && !(journaled && _journal!.HasStandardError))
        {
            echo(EchoText.Of(numbered));
        }
    }
}
