using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <content>Looking things up.</content>
internal sealed partial class IssuedStore
{
    /// <summary>Entries looked at under the lock at once.</summary>
    private const int ScanStep = 50_000;

    /// <summary>What is known of a capability, and how many were derived from it if it is a root; null when nothing is.</summary>
    internal (CapabilityClaims Claims, int Derived)? Find(string capabilityId)
    {
        lock (_using)
        {
            var at = _index.Find(PackedId.Of(capabilityId));
            return at != IssuedIndex.None && Read(_index[at]) is { } claims ? (claims, _index[at].Derived) : null;
        }
    }

    /// <summary>A page of the capabilities that a query chooses, in the order of issue.</summary>
    /// <param name="query">What to choose.</param>
    /// <param name="after">Serial number of the last one of the page before; 0 for the first page.</param>
    /// <returns>The page, and the serial number to go on after; null when there is no more.</returns>
    internal (IReadOnlyList<CapabilityClaims> Page, uint? Next) List(IssuedQuery query, uint after)
    {
        var page = new List<CapabilityClaims>();
        var bytes = 0;
        while (true)
        {
            lock (_using)
            {
                var at = _index.FirstFrom(after + 1);
                for (var step = 0; at < _index.Count && step < ScanStep; at++, step++)
                {
                    ref var entry = ref _index[at];
                    if (query.MayMatch(entry) && Read(entry) is { } claims && query.Matches(claims))
                    {
                        if (page.Count == query.Limit || bytes + entry.Length > IssuedQuery.MaxPageBytes)
                        {
                            return (page, after);
                        }

                        page.Add(claims);
                        bytes += entry.Length;
                    }

                    after = entry.Serial;
                }

                if (at >= _index.Count)
                {
                    return (page, null);
                }
            }
        }
    }

    private CapabilityClaims? Read(in IssuedEntry entry)
    {
        Write();
        var record = new byte[entry.Length];
        return _file.Read(record, entry.Offset) == record.Length ? IssuedRecord.ReadClaims(record) : null;
    }
}
