using System.Runtime.CompilerServices;

// Every native signature is blittable; nothing is marshalled behind the reader's back.
[assembly: DisableRuntimeMarshalling]
[assembly: InternalsVisibleTo("Strata.Linux.Tests")]
