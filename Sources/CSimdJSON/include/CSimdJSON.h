// A C face over simdjson (https://simdjson.org), the JSON parser its field trusts.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H
#endif
