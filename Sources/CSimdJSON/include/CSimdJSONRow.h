// Reads named fields out of lines that each hold one JSON object, row by row and without copies of its own.
//
// The whole line is parsed and checked (syntax, UTF-8, nothing behind the object) before any field is looked at. What a
// field holds is told for each by itself: which fields a row must have is the caller's rule, not the parser's.
// A key that occurs twice counts with its last value, as in Python's and Spark's readers. Numbers of any size are valid
// JSON, as for csimdjson_check, and are handed over as they are written, so that no digit is lost.
// No exception crosses this border. A reader belongs to one thread at a time.
#ifndef CSIMDJSON_ROW_H
#define CSIMDJSON_ROW_H

#include "CSimdJSON.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What a field is asked for.
typedef enum __attribute__((enum_extensibility(closed))) {
    /// A string; its escapes are resolved.
    CSIMDJSON_FIELD_TEXT = 0,
    /// A number.
    CSIMDJSON_FIELD_NUMBER = 1,
} csimdjson_field_kind;

/// What became of a line.
typedef enum __attribute__((enum_extensibility(closed))) {
    CSIMDJSON_ROW_READ = 0,
    /// csimdjson_row_message says what the parser found.
    CSIMDJSON_ROW_NOT_JSON = 1,
    CSIMDJSON_ROW_NOT_AN_OBJECT = 2,
} csimdjson_row_status;

/// A field to be read.
typedef struct {
    /// Its key in UTF-8, as it reads when its escapes are resolved.
    const char *name;
    size_t name_length;
    csimdjson_field_kind kind;
} csimdjson_field;

/// What a line holds for a field.
typedef enum __attribute__((enum_extensibility(closed))) {
    /// No such key.
    CSIMDJSON_VALUE_MISSING = 0,
    CSIMDJSON_VALUE_NULL = 1,
    /// Something else than was asked for.
    CSIMDJSON_VALUE_OF_OTHER_TYPE = 2,
    /// A string.
    CSIMDJSON_VALUE_TEXT = 3,
    /// A number without point and exponent that fits an int64_t.
    CSIMDJSON_VALUE_INTEGER = 4,
    /// Any other number: its text, as it is written.
    CSIMDJSON_VALUE_DECIMAL = 5,
} csimdjson_value_kind;

/// The value of a field.
typedef struct {
    csimdjson_value_kind kind;
    /// Of a text or decimal: its bytes, until the next line is read. A decimal's lie in the line.
    const char *text;
    size_t text_length;
    /// Of an integer.
    int64_t number;
} csimdjson_value;

/// A parser with its fields and its buffers, which grow to the longest line it sees.
typedef struct csimdjson_row_reader csimdjson_row_reader;

/// A reader of these fields, whose names it copies; null where there is no memory.
csimdjson_row_reader *csimdjson_row_reader_create(const csimdjson_field *fields, size_t count) CSIMDJSON_NOEXCEPT;

/// Frees a reader; null is allowed.
void csimdjson_row_reader_destroy(csimdjson_row_reader *reader) CSIMDJSON_NOEXCEPT;

/// Reads the line of `length` bytes at `line`. CSIMDJSON_PADDING bytes behind it must be readable.
///
/// `values` has room for one value a field, in the fields' order; they count only with CSIMDJSON_ROW_READ.
csimdjson_row_status csimdjson_row_read(
    csimdjson_row_reader *reader, const uint8_t *line, size_t length, csimdjson_value *values) CSIMDJSON_NOEXCEPT;

/// What the parser said about the last line that was no JSON; lives as long as the program.
const char *csimdjson_row_message(const csimdjson_row_reader *reader) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
