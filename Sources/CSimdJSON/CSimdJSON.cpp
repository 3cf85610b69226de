#include "CSimdJSON.h"

#include <cstring>
#include <new>
#include <simdjson.h>

#include "LargeNumbers.hpp"
#include "Scratch.hpp"

static_assert(CSIMDJSON_PADDING == simdjson::SIMDJSON_PADDING, "the header promises what simdjson reads");

struct csimdjson_checker {
    simdjson::dom::parser parser;
    Scratch scratch;

    /// Makes room in powers of two, so that slowly growing texts do not make the parser grow for each.
    bool reserve(size_t length) noexcept {
        if (length <= parser.capacity()) return true;
        size_t wanted = 4096;
        while (wanted < length) wanted *= 2;
        return parser.allocate(wanted) == simdjson::SUCCESS;
    }
};

extern "C" csimdjson_checker *csimdjson_checker_create(void) noexcept {
    return new (std::nothrow) csimdjson_checker();
}

extern "C" void csimdjson_checker_destroy(csimdjson_checker *checker) noexcept { delete checker; }

extern "C" csimdjson_verdict csimdjson_check_object(
    csimdjson_checker *checker, const uint8_t *text, size_t length) noexcept {
    if (length == 0) return CSIMDJSON_EMPTY;
    if (!checker->reserve(length)) return CSIMDJSON_NO_MEMORY;
    const char *characters = reinterpret_cast<const char *>(text);
    simdjson::dom::element root;
    switch (parse_any_numbers(checker->parser, checker->scratch, characters, length, root)) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return CSIMDJSON_NO_MEMORY;
    default: return CSIMDJSON_INVALID_JSON;
    }
    if (!root.is_object()) return CSIMDJSON_NOT_AN_OBJECT;
    // Inside strings JSON forbids both, so wherever one is, it lies between tokens.
    const bool broken = std::memchr(text, '\n', length) != nullptr || std::memchr(text, '\r', length) != nullptr;
    return broken ? CSIMDJSON_OBJECT_ON_MANY_LINES : CSIMDJSON_OBJECT_ON_ONE_LINE;
}

extern "C" size_t csimdjson_minify(csimdjson_checker *checker, uint8_t *text, size_t length) noexcept {
    // Not in place: simdjson writes whole blocks, and may write some bytes behind the end of its result.
    if (!checker->scratch.reserve(length)) return 0;
    size_t shortened = 0;
    const char *characters = reinterpret_cast<const char *>(text);
    if (simdjson::minify(characters, length, checker->scratch.bytes, shortened) != simdjson::SUCCESS) return 0;
    std::memcpy(text, checker->scratch.bytes, shortened);
    return shortened;
}
