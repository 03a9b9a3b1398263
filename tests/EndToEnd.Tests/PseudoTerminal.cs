using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Strata.EndToEnd.Tests;

/// <summary>A terminal of a test's own, with a program in it: what it shows is read, and keys are typed.</summary>
internal sealed class PseudoTerminal : IAsyncDisposable
{
    private const uint Unlock = 0x40045431; // TIOCSPTLCK
    private const uint GetNumber = 0x80045430; // TIOCGPTN
    private const uint SetSize = 0x5414; // TIOCSWINSZ

    private readonly SafeFileHandle _controller = File.OpenHandle("/dev/ptmx", FileMode.Open, FileAccess.ReadWrite);
    private readonly FileStream _stream;
    private readonly StringBuilder _shown = new();
    private readonly string _path;
    private Process? _program;

    internal PseudoTerminal(int rows, int columns)
    {
        var (zero, number) = (0, 0);
        Assert.Equal(0, Ioctl((int)_controller.DangerousGetHandle(), Unlock, ref zero));
        Assert.Equal(0, Ioctl((int)_controller.DangerousGetHandle(), GetNumber, ref number));
        _path = $"/dev/pts/{number}";
        _stream = new FileStream(_controller, FileAccess.ReadWrite, bufferSize: 0);
        Resize(rows, columns);
        // For as long as the controller is open: the program may come and go.
        new Thread(Read) { IsBackground = true }.Start();
    }

    internal Process Program => _program!;

    internal string Shown
    {
        get
        {
            lock (_shown)
            {
                return _shown.ToString();
            }
        }
    }

    /// <summary>Starts a program whose controlling terminal this is.</summary>
    internal void Start(IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments)
    {
        // The first terminal that the leader of a session opens is its own.
        var start = new ProcessStartInfo("setsid", ["--wait", "sh", "-c", "exec <\"$0\" >\"$0\" 2>&1; exec \"$@\"", _path, program, .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["TERM"] = "xterm";
        _program = Process.Start(start)!;
    }

    internal void Resize(int rows, int columns)
    {
        var size = new WindowSize { Rows = (ushort)rows, Columns = (ushort)columns };
        Assert.Equal(0, Ioctl((int)_controller.DangerousGetHandle(), SetSize, ref size));
    }

    internal void Type(string keys) => _stream.Write(Encoding.UTF8.GetBytes(keys));

    /// <summary>Waits until a text is shown, and forgets all up to it.</summary>
    internal async Task ShowsAsync(string text)
    {
        await Patience.UntilAsync(() => Task.FromResult(Shown.Contains(text, StringComparison.Ordinal)));
        lock (_shown)
        {
            _shown.Remove(0, _shown.ToString().IndexOf(text, StringComparison.Ordinal) + text.Length);
        }
    }

    /// <summary>The settings of the terminal, as stty tells them.</summary>
    internal async Task<string> SettingsAsync() => (await Command.RunAsync("stty", ["--file", _path, "--save"])).Succeeded().Output;

    public async ValueTask DisposeAsync()
    {
        if (_program is { HasExited: false })
        {
            _program.Kill(entireProcessTree: true);
            await _program.WaitForExitAsync();
        }

        _program?.Dispose();
        await _stream.DisposeAsync();
    }

    private void Read()
    {
        // Held open, so that the terminal does not hang up between two programs.
        using var held = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite);
        var bytes = new byte[4096];
        try
        {
            for (int count; (count = _stream.Read(bytes)) > 0;)
            {
                lock (_shown)
                {
                    _shown.Append(Encoding.UTF8.GetString(bytes, 0, count));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Ioctl(int descriptor, nuint request, ref int value);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Ioctl(int descriptor, nuint request, ref WindowSize value);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
