/// Nobody reads standard output any more.
struct BrokenPipe: Error {}
