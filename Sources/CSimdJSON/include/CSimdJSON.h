// A C face over simdjson (https://simdjson.org), the JSON parser its field trusts.
//
// No exception crosses this border: what can go wrong is a result. A checker belongs to one thread at a time.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

/// What Swift calls it.
#if defined(__clang__)
#define CSIMDJSON_NAME(name) __attribute__((swift_name(name)))
#else
#define CSIMDJSON_NAME(name)
#endif

#ifdef __cplusplus
#define CSIMDJSON_NOEXCEPT noexcept
extern "C" {
#else
#define CSIMDJSON_NOEXCEPT
#endif

/// Bytes behind a text that must be readable, whatever they hold.
#define CSIMDJSON_PADDING 64

/// What a text is.
typedef enum __attribute__((enum_extensibility(closed))) {
    /// Exactly one JSON value in valid UTF-8, not null, without a line feed or carriage return.
    CSIMDJSON_ON_ONE_LINE CSIMDJSON_NAME("onOneLine") = 0,
    /// Exactly one JSON value in valid UTF-8, not null, with line feeds or carriage returns between its tokens.
    CSIMDJSON_ON_MANY_LINES CSIMDJSON_NAME("onManyLines") = 1,
    /// The JSON value null.
    CSIMDJSON_NULL CSIMDJSON_NAME("null") = 2,
    /// No JSON text: nothing, or only white space.
    CSIMDJSON_EMPTY CSIMDJSON_NAME("empty") = 3,
    /// The bytes are not UTF-8.
    CSIMDJSON_INVALID_UTF8 CSIMDJSON_NAME("invalidUTF8") = 4,
    /// Not valid JSON.
    CSIMDJSON_INVALID_JSON CSIMDJSON_NAME("invalidJSON") = 5,
    /// Nested deeper than simdjson goes (1024 levels).
    CSIMDJSON_TOO_DEEP CSIMDJSON_NAME("tooDeep") = 6,
    /// No memory to check it.
    CSIMDJSON_NO_MEMORY CSIMDJSON_NAME("noMemory") = 7,
    /// A byte order mark comes first: UTF-8's, or one of UTF-16 or UTF-32.
    CSIMDJSON_BYTE_ORDER_MARK CSIMDJSON_NAME("byteOrderMark") = 8,
    /// A JSON value with more text behind it.
    CSIMDJSON_TRAILING_TEXT CSIMDJSON_NAME("trailingText") = 9,
} csimdjson_verdict;

/// A parser with its buffers, which grow to the longest text it sees.
typedef struct csimdjson_checker csimdjson_checker;

/// A new checker; null where there is no memory.
csimdjson_checker *csimdjson_checker_create(void) CSIMDJSON_NOEXCEPT;

/// Frees a checker; null is allowed.
void csimdjson_checker_destroy(csimdjson_checker *checker) CSIMDJSON_NOEXCEPT;

/// Says what the text of `length` bytes at `text` is. CSIMDJSON_PADDING bytes behind it must be readable.
///
/// Numbers of any size are valid, as JSON has it, also those that fit no machine type.
csimdjson_verdict csimdjson_check(csimdjson_checker *checker, const uint8_t *text, size_t length) CSIMDJSON_NOEXCEPT;

/// Removes the line feeds and carriage returns from the valid JSON text of `length` bytes at `text`, in place. All else
/// stays: JSON allows neither of them inside strings, so each lies between tokens.
///
/// Returns the new length.
size_t csimdjson_remove_line_breaks(uint8_t *text, size_t length) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#include "CSimdJSONRow.h"

#endif
