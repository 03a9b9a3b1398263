// Runs reap the children of the test program; side by side they would reap each other's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
