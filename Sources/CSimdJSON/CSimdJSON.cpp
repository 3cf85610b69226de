#include "CSimdJSON.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>

static_assert(CSIMDJSON_PADDING == simdjson::SIMDJSON_PADDING, "the header promises what simdjson reads");

namespace {

/// Bytes for a copy of a text, with simdjson's padding behind it.
struct Scratch {
    char *bytes = nullptr;
    size_t capacity = 0;

    ~Scratch() { std::free(bytes); }

    bool reserve(size_t length) noexcept {
        if (length + CSIMDJSON_PADDING <= capacity) return true;
        const size_t wanted = 2 * (length + CSIMDJSON_PADDING);
        char *grown = static_cast<char *>(std::realloc(bytes, wanted));
        if (grown == nullptr) return false;
        bytes = grown;
        capacity = wanted;
        return true;
    }
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char *skip_digits(const char *at, const char *end) noexcept {
    while (at < end && is_digit(*at)) at++;
    return at;
}

/// The end of the number that JSON's grammar finds at `at`; `at` itself where there is none.
const char *end_of_number(const char *at, const char *end) noexcept {
    const char *next = at;
    if (next < end && *next == '-') next++;
    if (next == end || !is_digit(*next)) return at;
    next = *next == '0' ? next + 1 : skip_digits(next, end);
    if (next + 1 < end && *next == '.' && is_digit(next[1])) next = skip_digits(next + 1, end);
    if (next < end && (*next == 'e' || *next == 'E')) {
        const char *exponent = next + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-')) exponent++;
        if (exponent < end && is_digit(*exponent)) next = skip_digits(exponent, end);
    }
    return next;
}

/// Puts 0 in the place of each number outside strings, so that a text whose numbers fit no machine type can be
/// checked: JSON knows no greatest number, simdjson does. What is no valid number stays invalid.
void shrink_numbers(char *text, size_t length) noexcept {
    const char *end = text + length;
    bool in_string = false;
    for (char *at = text; at < end;) {
        if (in_string) {
            if (*at == '\\') at++;
            else if (*at == '"') in_string = false;
            at++;
            continue;
        }
        const char *after = end_of_number(at, end);
        if (after == at) {
            in_string = *at == '"';
            at++;
            continue;
        }
        const size_t digits = static_cast<size_t>(after - at);
        std::memset(at, ' ', digits);
        *at = '0';
        at += digits;
    }
}

}  // namespace

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

    simdjson::error_code parse(const char *text, size_t length, bool &is_object) noexcept {
        simdjson::dom::element root;
        const auto error = parser.parse(text, length, false).get(root);
        is_object = error == simdjson::SUCCESS && root.is_object();
        return error;
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
    bool is_object = false;
    simdjson::error_code error = checker->parse(characters, length, is_object);
    if (error == simdjson::NUMBER_ERROR) {
        if (!checker->scratch.reserve(length)) return CSIMDJSON_NO_MEMORY;
        std::memcpy(checker->scratch.bytes, text, length);
        std::memset(checker->scratch.bytes + length, ' ', CSIMDJSON_PADDING);
        shrink_numbers(checker->scratch.bytes, length);
        error = checker->parse(checker->scratch.bytes, length, is_object);
    }
    switch (error) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return CSIMDJSON_NO_MEMORY;
    default: return CSIMDJSON_INVALID_JSON;
    }
    if (!is_object) return CSIMDJSON_NOT_AN_OBJECT;
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
