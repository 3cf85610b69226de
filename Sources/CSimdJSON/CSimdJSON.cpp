#include "CSimdJSON.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
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

namespace {

bool begins_with(const uint8_t *text, size_t length, std::initializer_list<uint8_t> mark) noexcept {
    return length >= mark.size() && std::equal(mark.begin(), mark.end(), text);
}

/// The marks of UTF-8, UTF-16 and, which begins as UTF-16 does, UTF-32.
bool has_byte_order_mark(const uint8_t *text, size_t length) noexcept {
    return begins_with(text, length, {0xEF, 0xBB, 0xBF}) || begins_with(text, length, {0xFE, 0xFF})
        || begins_with(text, length, {0xFF, 0xFE}) || begins_with(text, length, {0x00, 0x00, 0xFE, 0xFF});
}

bool is_white_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Where the first value of the text ends, by its brackets and strings alone; `length` where it does not.
size_t end_of_first_value(const char *text, size_t length) noexcept {
    size_t depth = 0;
    bool in_string = false;
    for (size_t at = 0; at < length; ++at) {
        const char c = text[at];
        if (in_string) {
            if (c == '\\') ++at;
            else if (c == '"') in_string = false;
            else continue;
            if (!in_string && depth == 0) return at + 1;
            continue;
        }
        if (c == '"') in_string = true;
        else if (c == '{' || c == '[') ++depth;
        else if ((c == '}' || c == ']') && depth > 0 && --depth == 0) return at + 1;
        else if (depth == 0 && at > 0 && is_white_space(c) && !is_white_space(text[at - 1])) return at;
    }
    return length;
}

/// Whether the text, which as a whole is not valid, is a valid value with something behind it.
bool has_trailing_text(csimdjson_checker &checker, const char *text, size_t length) noexcept {
    const size_t end = end_of_first_value(text, length);
    if (end >= length) return false;
    simdjson::dom::element root;
    return parse_any_numbers(checker.parser, checker.scratch, text, end, root) == simdjson::SUCCESS;
}

} // namespace

extern "C" csimdjson_verdict csimdjson_check(
    csimdjson_checker *checker, const uint8_t *text, size_t length) noexcept {
    if (length == 0) return CSIMDJSON_EMPTY;
    if (!checker->reserve(length)) return CSIMDJSON_NO_MEMORY;
    if (has_byte_order_mark(text, length)) return CSIMDJSON_BYTE_ORDER_MARK;
    const char *characters = reinterpret_cast<const char *>(text);
    simdjson::dom::element root;
    switch (parse_any_numbers(checker->parser, checker->scratch, characters, length, root)) {
    case simdjson::SUCCESS: break;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return CSIMDJSON_NO_MEMORY;
    default:
        return has_trailing_text(*checker, characters, length) ? CSIMDJSON_TRAILING_TEXT : CSIMDJSON_INVALID_JSON;
    }
    // A number that fits no machine type is read as null as well: the text itself tells.
    if (root.is_null() && std::memchr(text, 'n', length) != nullptr) return CSIMDJSON_NULL;
    // Inside strings JSON forbids both, so wherever one is, it lies between tokens.
    const bool broken = std::memchr(text, '\n', length) != nullptr || std::memchr(text, '\r', length) != nullptr;
    return broken ? CSIMDJSON_ON_MANY_LINES : CSIMDJSON_ON_ONE_LINE;
}

extern "C" size_t csimdjson_remove_line_breaks(uint8_t *text, size_t length) noexcept {
    return static_cast<size_t>(
        std::remove_if(text, text + length, [](uint8_t byte) { return byte == '\n' || byte == '\r'; }) - text);
}
