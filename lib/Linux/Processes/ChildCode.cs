using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// The only code that runs in a child between its making and its exec: it works off a <see cref="CallList"/>, one system call after the other, and ends the
/// child at the first whose result is out of bounds. Machine code, because the child shares our memory while our own threads run on: the runtime's code
/// could wait there for a garbage collection that no thread of the child ever ends, and posix_spawn has no place for a prctl or for waiting.
/// </summary>
/// <remarks>It uses registers alone: no stack, no thread-local storage, no signal handler (all signals are blocked), no memory but the list.</remarks>
internal static unsafe class ChildCode
{
    // mov r12, rdi; lea rbx, [rdi+16]
    // next: mov rax, [rbx]; mov rdi, [rbx+8]; mov rsi, [rbx+16]; mov rdx, [rbx+24]; mov r10, [rbx+32]; mov r8, [rbx+40]; syscall
    // cmp rax, [rbx+48]; jl fail; cmp rax, [rbx+56]; jg fail; add rbx, 64; jmp next
    // fail: mov [r12], rbx; mov [r12+8], rax
    // end: mov edi, 127; mov eax, 231 (exit_group); syscall; jmp end
    private static ReadOnlySpan<byte> X64 =>
    [
        0x49, 0x89, 0xFC, 0x48, 0x8D, 0x5F, 0x10, 0x48, 0x8B, 0x03, 0x48, 0x8B, 0x7B, 0x08, 0x48, 0x8B, 0x73, 0x10, 0x48, 0x8B, 0x53, 0x18,
        0x4C, 0x8B, 0x53, 0x20, 0x4C, 0x8B, 0x43, 0x28, 0x0F, 0x05, 0x48, 0x3B, 0x43, 0x30, 0x7C, 0x0C, 0x48, 0x3B, 0x43, 0x38, 0x7F, 0x06,
        0x48, 0x83, 0xC3, 0x40, 0xEB, 0xD5, 0x49, 0x89, 0x1C, 0x24, 0x49, 0x89, 0x44, 0x24, 0x08,
        0xBF, 0x7F, 0x00, 0x00, 0x00, 0xB8, 0xE7, 0x00, 0x00, 0x00, 0x0F, 0x05, 0xEB, 0xF2,
    ];

    // mov x19, x0; add x20, x0, #16
    // next: ldr x8, [x20]; ldp x0, x1, [x20, #8]; ldp x2, x3, [x20, #24]; ldr x4, [x20, #40]; svc #0
    // ldp x9, x10, [x20, #48]; cmp x0, x9; b.lt fail; cmp x0, x10; b.gt fail; add x20, x20, #64; b next
    // fail: stp x20, x0, [x19]
    // end: mov x0, #127; mov x8, #94 (exit_group); svc #0; b end
    private static ReadOnlySpan<uint> Arm64 =>
    [
        0xAA0003F3, 0x91004014, 0xF9400288, 0xA9408680, 0xA9418E82, 0xF9401684, 0xD4000001, 0xA9432A89, 0xEB09001F, 0x540000AB,
        0xEB0A001F, 0x5400006C, 0x91010294, 0x17FFFFF5, 0xA9000274, 0xD2800FE0, 0xD2800BC8, 0xD4000001, 0x17FFFFFD,
    ];

    private static readonly Lazy<nint> Page = new(Load);

    /// <summary>Where it begins; to be called with the address of a list.</summary>
    internal static nint Address => Page.Value;

    private static nint Load()
    {
        const nuint length = 4096;
        nint page = Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        if (page == -1)
        {
            throw new LinuxException(-System.Runtime.InteropServices.Marshal.GetLastPInvokeError(), "mmap");
        }

        var room = new Span<byte>((void*)page, (int)length);
        if (Libc.IsArm64)
        {
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(Arm64).CopyTo(room);
        }
        else
        {
            X64.CopyTo(room);
        }

        // Never writable and executable at once. The kernel makes the caches agree when it maps the page anew.
        LinuxException.Check(Libc.Result(Libc.mprotect(page, length, Libc.PROT_READ | Libc.PROT_EXEC)), "mprotect");
        return page;
    }
}
