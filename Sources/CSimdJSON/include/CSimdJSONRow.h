// Reads named fields out of lines that each hold one JSON object, row by row and without copies of its own.
//
// The whole line is parsed and checked (syntax, UTF-8, nothing behind the object) before any field is looked at.
// A key that occurs twice counts with its last value, as in Python's and Spark's readers. Numbers of any size are valid
// JSON, as for csimdjson_check_object; one that fits no machine type is no value for a field.
// No exception crosses this border. A reader belongs to one thread at a time.
#ifndef CSIMDJSON_ROW_H
#define CSIMDJSON_ROW_H

#include "CSimdJSON.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What a field must hold.
typedef enum __attribute__((enum_extensibility(closed))) {
    /// A string; its escapes are resolved.
    CSIMDJSON_FIELD_TEXT = 0,
    /// A whole number, written as one.
    CSIMDJSON_FIELD_INTEGER = 1,
    /// A number with at most two digits behind the point, as hundredths: 1.75 is 175.
    CSIMDJSON_FIELD_HUNDREDTHS = 2,
} csimdjson_field_kind;

/// What became of a line. Those about a field come with the field's index.
typedef enum __attribute__((enum_extensibility(closed))) {
    CSIMDJSON_ROW_READ = 0,
    /// csimdjson_row_message says what the parser found.
    CSIMDJSON_ROW_NOT_JSON = 1,
    CSIMDJSON_ROW_NOT_AN_OBJECT = 2,
    CSIMDJSON_ROW_FIELD_MISSING = 3,
    CSIMDJSON_ROW_FIELD_NOT_TEXT = 4,
    CSIMDJSON_ROW_FIELD_NOT_INTEGER = 5,
    CSIMDJSON_ROW_FIELD_NOT_HUNDREDTHS = 6,
} csimdjson_row_status;

/// A field to be read.
typedef struct {
    /// Its key in UTF-8, as it reads when its escapes are resolved.
    const char *name;
    size_t name_length;
    csimdjson_field_kind kind;
} csimdjson_field;

/// What a line holds for a field.
typedef struct {
    /// Of a text: its bytes, until the next line is read.
    const char *text;
    size_t text_length;
    /// Of a number.
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
/// `values` has room for one value a field, in the fields' order; they count only with CSIMDJSON_ROW_READ. `culprit`
/// becomes the index of the field that the status is about.
csimdjson_row_status csimdjson_row_read(
    csimdjson_row_reader *reader, const uint8_t *line, size_t length, csimdjson_value *values, size_t *culprit)
    CSIMDJSON_NOEXCEPT;

/// What the parser said about the last line that was no JSON; lives as long as the program.
const char *csimdjson_row_message(const csimdjson_row_reader *reader) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
