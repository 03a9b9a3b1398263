namespace Strata.Ipc.Tests.Framing;

public sealed class FrameMemoryTests
{
    private readonly FrameMemory _memory = new();

    [Theory]
    [InlineData(1)]
    [InlineData(FrameMemory.MaxSharedBytes)]
    [InlineData(FrameMemory.MaxSharedBytes + 1)]
    [InlineData((1024 * 1024) + 1)]
    public void Rented_memory_is_large_enough_and_a_large_piece_is_used_again(int bytes)
    {
        var first = _memory.Rent(bytes);
        Assert.True(first.Length >= bytes);
        Assert.NotSame(first, _memory.Rent(bytes));
        _memory.Return(first);
        Assert.Equal(bytes > FrameMemory.MaxSharedBytes ? first.Length : 0, _memory.KeptBytes);
        if (bytes > FrameMemory.MaxSharedBytes)
        {
            Assert.Same(first, _memory.Rent(bytes));
            Assert.Equal(0, _memory.KeptBytes);
        }
    }

    [Fact]
    public void Kept_memory_is_bounded_whatever_is_returned()
    {
        const int piece = 1024 * 1024;
        var pieces = Enumerable.Range(0, (FrameMemory.MaxKeptBytes / piece) + 1).Select(_ => _memory.Rent(piece)).ToList();
        pieces.ForEach(_memory.Return);
        Assert.Equal(FrameMemory.MaxKeptBytes, _memory.KeptBytes);
        Assert.All(Enumerable.Range(0, FrameMemory.MaxKeptBytes / piece), _ => Assert.True(IsOneOf(_memory.Rent(piece), pieces)));
        Assert.False(IsOneOf(_memory.Rent(piece), pieces));
    }

    [Fact]
    public void A_smaller_wish_does_not_take_a_larger_piece()
    {
        var large = _memory.Rent(2 * 1024 * 1024);
        _memory.Return(large);
        Assert.NotSame(large, _memory.Rent(1024 * 1024));
        Assert.Same(large, _memory.Rent((1024 * 1024) + 1));
    }

    [Fact]
    public void Nothing_is_made_of_an_empty_piece()
    {
        _memory.Return([]);
        Assert.Equal(0, _memory.KeptBytes);
    }

    // Not Assert.Contains, which compares arrays by what is in them.
    private static bool IsOneOf(byte[] memory, List<byte[]> pieces) => pieces.Exists(p => ReferenceEquals(p, memory));
}
