// libzstd, for the zstd frames of record batches.
#include <zstd.h>
#include <zstd_errors.h>
