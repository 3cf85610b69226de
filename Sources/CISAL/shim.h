// ISA-L, for CRC-32C (`crc32_iscsi`) by the processor's own instructions.
#include <isa-l/crc.h>
