namespace Strata.Ipc;

/// <summary>What a handler answers: a result or an expected error, each converted implicitly.</summary>
/// <typeparam name="T">The result record of the method.</typeparam>
public readonly struct Reply<T>
{
    internal Reply(T? value, RpcError? error) => (Value, Error) = (value, error);

    /// <summary>The result; meaningful only when <see cref="Error"/> is null.</summary>
    public T? Value { get; }

    /// <summary>The expected failure, or null.</summary>
    public RpcError? Error { get; }

    /// <summary>A successful reply.</summary>
    public static implicit operator Reply<T>(T value) => new(value, null);

    /// <summary>A failed reply.</summary>
    public static implicit operator Reply<T>(RpcError error) => new(default, error);

    /// <summary>A reply that is ready, for handlers that do not wait.</summary>
    public static implicit operator ValueTask<Reply<T>>(Reply<T> reply) => new(reply);
}

/// <summary>Makes replies whose result type is an interface, which C# does not convert implicitly.</summary>
public static class Reply
{
    /// <summary>A successful reply.</summary>
    public static Reply<T> Ok<T>(T value) => new(value, null);
}
