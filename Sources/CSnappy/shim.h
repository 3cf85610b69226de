// libsnappy, for the snappy blocks of record batches.
#include <snappy-c.h>
