// JSON knows no greatest number, simdjson does: one that fits no machine type makes it refuse the whole text.
//
// The check of a text and its reader must not differ there, so both parse with `parse_any_numbers`: it reads
// such a number as null. A field that has to hold a number is then no number, all other fields are read as ever.
#ifndef CSIMDJSON_LARGE_NUMBERS_HPP
#define CSIMDJSON_LARGE_NUMBERS_HPP

#include <cstdint>
#include <cstring>
#include <simdjson.h>

#include "Scratch.hpp"

namespace large_numbers {

/// The shortest number that fits no machine type: 2e308.
constexpr size_t digits_min = 5;

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

inline const char *skip_digits(const char *at, const char *end) noexcept {
    while (at < end && is_digit(*at)) at++;
    return at;
}

/// The end of the number that JSON's grammar finds at `at`; `at` itself where there is none.
inline const char *end_of_number(const char *at, const char *end) noexcept {
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

/// Whether simdjson refuses this valid number by itself. The document that the parser holds is lost.
inline bool is_too_large(simdjson::dom::parser &parser, const char *number, size_t length) noexcept {
    if (length < digits_min) return false;
    return parser.parse(number, length, false).error() == simdjson::NUMBER_ERROR;
}

/// Puts null in the place of each number outside strings that is too large. What is no valid number stays invalid.
inline void replace(simdjson::dom::parser &parser, char *text, size_t length) noexcept {
    const char *end = text + length;
    bool in_string = false;
    for (char *at = text; at < end;) {
        if (in_string) {
            if (*at == '\\') at++;
            else if (*at == '"') in_string = false;
            at++;
            continue;
        }
        const size_t digits = static_cast<size_t>(end_of_number(at, end) - at);
        if (digits == 0) {
            in_string = *at == '"';
            at++;
            continue;
        }
        if (is_too_large(parser, at, digits)) {
            std::memset(at, ' ', digits);
            std::memcpy(at, "null", 4);
        }
        at += digits;
    }
}

} // namespace large_numbers

/// Parses the text, numbers of any size included. CSIMDJSON_PADDING bytes behind it must be readable.
inline simdjson::error_code parse_any_numbers(
    simdjson::dom::parser &parser, Scratch &scratch, const char *text, size_t length,
    simdjson::dom::element &root) noexcept {
    auto error = parser.parse(text, length, false).get(root);
    if (error != simdjson::NUMBER_ERROR) return error;
    if (!scratch.copy(text, length)) return simdjson::MEMALLOC;
    large_numbers::replace(parser, scratch.bytes, length);
    return parser.parse(scratch.bytes, length, false).get(root);
}

#endif
