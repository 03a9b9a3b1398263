namespace Strata.Fuzz.Tests;

public sealed class FrameFuzzTests
{
    [Fact]
    public void Frames_are_the_same_however_the_bytes_arrive() => Fuzzing.Holds(new FrameTarget());
}
