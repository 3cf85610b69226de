// zlib, for the gzip streams of record batches: what consumers inflate with.
#include <zlib.h>
