namespace Strata.Fuzz.Tests;

/// <summary>
/// Tries a target with its corpus, then with inputs made from it by mutation. An input whose outcome is of a class not seen before
/// joins those that others are made from, so that a run works its way in.
/// </summary>
internal sealed class FuzzRun
{
    // Enough for every class of outcome that matters; names in faults may make more, which must not take the place of the corpus.
    private const int MaxFound = 2048;
    private const int MinimisingTries = 20_000;

    private readonly FuzzTarget _target;
    private readonly FuzzSettings _settings;
    private readonly SeededRandom _random;
    private readonly List<byte[]> _pool;
    private readonly int _given;
    private readonly List<byte[]> _good = [];
    private readonly HashSet<ulong> _classes = [];
    private long _executions;
    private long _accepted;

    internal FuzzRun(FuzzTarget target, FuzzSettings settings, IEnumerable<byte[]>? corpus = null)
    {
        (_target, _settings, _random) = (target, settings, new SeededRandom(settings.Seed));
        _pool = [.. corpus ?? FuzzCorpus.Of(target, settings.Corpus).Select(entry => entry.Bytes), .. target.Seeds];
        _given = _pool.Count;
    }

    internal FuzzReport Run()
    {
        foreach (var input in _pool.ToArray())
        {
            if (!Try(input, isNew: false, out var cause))
            {
                return Report(input, cause!);
            }
        }

        var mutator = new Mutator(_random, _target.Tokens, _pool);
        var buffer = new InputBuffer(_target.MaxBytes);
        while (_executions < _settings.Executions)
        {
            buffer.Set(Pick());
            mutator.Mutate(buffer);
            if (!Try(buffer.Span, isNew: true, out var cause))
            {
                return Report(buffer.Span.ToArray(), cause!);
            }
        }

        return Report(null, null);
    }

    // Half of the time from what is good: most of what was found is refused, and would lead ever further away from it.
    private byte[] Pick() => _good.Count > 0 && _random.OneIn(2) ? _random.Of(_good) : _random.Of(_pool);

    private bool Try(ReadOnlySpan<byte> input, bool isNew, out Exception? cause)
    {
        _executions++;
        if (!TryExecute(input, out var outcome, out cause))
        {
            return false;
        }

        _accepted += outcome.IsAccepted ? 1 : 0;
        var isFirst = _classes.Add(outcome.Class());
        if (!isNew || (isFirst && _pool.Count < _given + MaxFound))
        {
            Keep(input.ToArray(), isNew, outcome.IsAccepted);
        }

        return true;
    }

    private void Keep(byte[] input, bool isNew, bool isGood)
    {
        if (isNew)
        {
            _pool.Add(input);
        }

        if (isGood)
        {
            _good.Add(input);
        }
    }

    private bool TryExecute(ReadOnlySpan<byte> input, out Outcome outcome, out Exception? cause)
    {
        (outcome, cause) = (default, null);
        try
        {
            outcome = _target.Execute(input);
            return true;
        }
#pragma warning disable CA1031 // Whatever it throws is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            cause = e;
            return false;
        }
    }

    private FuzzReport Report(byte[]? failed, Exception? cause)
    {
        FuzzFailure? failure = null;
        if (failed is not null)
        {
            var input = Minimise(failed);
            failure = TryExecute(input, out _, out var still) ? new FuzzFailure(_executions, failed, cause!) : new FuzzFailure(_executions, input, still!);
        }

        return new FuzzReport(_executions, _accepted, _classes.Count, _pool.Count, failure);
    }

    /// <summary>Leaves out what is not needed to fail, larger pieces first.</summary>
    private byte[] Minimise(byte[] input)
    {
        var tries = 0;
        for (var piece = Math.Max(1, input.Length / 2); piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= input.Length && tries < MinimisingTries; tries++)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + piece)];
                if (TryExecute(shorter, out _, out _))
                {
                    at += piece;
                }
                else
                {
                    input = shorter;
                }
            }
        }

        return input;
    }
}
