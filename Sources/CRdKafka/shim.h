// librdkafka, the Kafka client its field trusts, as the system has it.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
