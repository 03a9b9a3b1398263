// Each test starts a node of several processes; two cores serve them best one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
