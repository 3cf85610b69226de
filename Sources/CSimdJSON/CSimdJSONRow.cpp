#include "CSimdJSONRow.h"

#include <cmath>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string>
#include <vector>

#include "LargeNumbers.hpp"
#include "Scratch.hpp"

namespace {

struct Field {
    std::string name;
    csimdjson_field_kind kind;
};

// Beyond this a double has no room left for hundredths.
constexpr double hundredths_max = 9007199254740992.0;

// 1.75 as a double is not 1.75, but the nearest hundredth of it is unmistakable: whatever was written with two
// digits behind the point lies within a few units in the last place of its hundredth, and a third digit lies a
// thousandth or more away.
bool read_hundredths(simdjson::dom::element element, int64_t &number) {
    double value;
    if (element.get(value) != simdjson::SUCCESS) {
        return false;
    }
    const double scaled = value * 100.0;
    if (!(std::fabs(scaled) < hundredths_max)) {
        return false;
    }
    const double rounded = std::nearbyint(scaled);
    const double tolerance = std::fmax(1e-9, std::fabs(scaled) * 4e-16);
    if (std::fabs(scaled - rounded) > tolerance) {
        return false;
    }
    number = static_cast<int64_t>(rounded);
    return true;
}

csimdjson_row_status read_field(csimdjson_field_kind kind, simdjson::dom::element element, csimdjson_value &value) {
    switch (kind) {
    case CSIMDJSON_FIELD_TEXT: {
        std::string_view text;
        if (element.get(text) != simdjson::SUCCESS) {
            return CSIMDJSON_ROW_FIELD_NOT_TEXT;
        }
        value.text = text.data();
        value.text_length = text.size();
        return CSIMDJSON_ROW_READ;
    }
    case CSIMDJSON_FIELD_INTEGER:
        return element.get(value.number) == simdjson::SUCCESS ? CSIMDJSON_ROW_READ : CSIMDJSON_ROW_FIELD_NOT_INTEGER;
    case CSIMDJSON_FIELD_HUNDREDTHS:
        return read_hundredths(element, value.number) ? CSIMDJSON_ROW_READ : CSIMDJSON_ROW_FIELD_NOT_HUNDREDTHS;
    }
    return CSIMDJSON_ROW_FIELD_MISSING;
}

} // namespace

struct csimdjson_row_reader {
    simdjson::dom::parser parser;
    Scratch scratch;
    std::vector<Field> fields;
    std::vector<simdjson::dom::element> found;
    std::vector<bool> is_found;
    const char *message = "";
};

extern "C" csimdjson_row_reader *csimdjson_row_reader_create(const csimdjson_field *fields, size_t count) noexcept {
    try {
        auto reader = std::make_unique<csimdjson_row_reader>();
        for (size_t index = 0; index < count; ++index) {
            reader->fields.push_back({std::string(fields[index].name, fields[index].name_length), fields[index].kind});
        }
        reader->found.resize(count);
        reader->is_found.resize(count);
        return reader.release();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

extern "C" void csimdjson_row_reader_destroy(csimdjson_row_reader *reader) noexcept { delete reader; }

extern "C" csimdjson_row_status csimdjson_row_read(
    csimdjson_row_reader *reader, const uint8_t *line, size_t length, csimdjson_value *values, size_t *culprit) noexcept {
    *culprit = 0;
    simdjson::dom::element document;
    const auto error = parse_any_numbers(
        reader->parser, reader->scratch, reinterpret_cast<const char *>(line), length, document);
    if (error) {
        reader->message = simdjson::error_message(error);
        return CSIMDJSON_ROW_NOT_JSON;
    }
    simdjson::dom::object object;
    if (document.get(object) != simdjson::SUCCESS) {
        return CSIMDJSON_ROW_NOT_AN_OBJECT;
    }
    const size_t count = reader->fields.size();
    reader->is_found.assign(count, false);
    for (const auto member : object) {
        for (size_t index = 0; index < count; ++index) {
            if (reader->fields[index].name == member.key) {
                reader->found[index] = member.value;
                reader->is_found[index] = true;
                break;
            }
        }
    }
    for (size_t index = 0; index < count; ++index) {
        *culprit = index;
        if (!reader->is_found[index]) {
            return CSIMDJSON_ROW_FIELD_MISSING;
        }
        const auto status = read_field(reader->fields[index].kind, reader->found[index], values[index]);
        if (status != CSIMDJSON_ROW_READ) {
            return status;
        }
    }
    return CSIMDJSON_ROW_READ;
}

extern "C" const char *csimdjson_row_message(const csimdjson_row_reader *reader) noexcept { return reader->message; }
