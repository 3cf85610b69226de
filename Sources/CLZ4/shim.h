// liblz4, for the LZ4 frames of record batches.
#include <lz4frame.h>
