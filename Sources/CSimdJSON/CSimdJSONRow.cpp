#include "CSimdJSONRow.h"

#include <memory>
#include <new>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include "LargeNumbers.hpp"
#include "Scratch.hpp"

namespace {

struct Field {
    std::string name;
    csimdjson_field_kind kind;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_of_number(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

std::string_view without_trailing_space(std::string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// The number that is the value of the object's last member, if that member has this name and is written without
// escapes; else nothing. `line` is a valid object, so the member directly before its last brace is the object's own.
std::string_view last_number(std::string_view line, std::string_view name) {
    line = without_trailing_space(line);
    line.remove_suffix(1);
    line = without_trailing_space(line);
    size_t start = line.size();
    while (start > 0 && is_of_number(line[start - 1])) start--;
    const std::string_view number = line.substr(start);
    line = without_trailing_space(line.substr(0, start));
    if (number.empty() || line.empty() || line.back() != ':') return {};
    line = without_trailing_space(line.substr(0, line.size() - 1));
    if (line.size() < name.size() + 3 || line.back() != '"') return {};
    line.remove_suffix(1);
    if (line.substr(line.size() - name.size()) != name) return {};
    line.remove_suffix(name.size());
    if (line.back() != '"') return {};
    line = without_trailing_space(line.substr(0, line.size() - 1));
    // Within a string the quotation mark would have a backslash before it.
    return !line.empty() && (line.back() == ',' || line.back() == '{') ? number : std::string_view();
}

} // namespace

struct csimdjson_row_reader {
    simdjson::dom::parser parser;
    // Finds numbers as they are written; the parser above keeps their values only.
    simdjson::ondemand::parser number_finder;
    Scratch scratch;
    std::vector<Field> fields;
    std::vector<simdjson::dom::element> found;
    std::vector<bool> is_found;
    const char *message = "";

    // The last value of `name` as it stands in `line`, a valid object.
    simdjson::error_code find(std::string_view line, std::string_view name, std::string_view &token) noexcept {
        token = {};
        simdjson::ondemand::document document;
        // SIMDJSON_PADDING bytes are readable behind the line; see the header.
        const auto capacity = line.size() + simdjson::SIMDJSON_PADDING;
        if (auto error = number_finder.iterate(line.data(), line.size(), capacity).get(document)) return error;
        simdjson::ondemand::object object;
        if (auto error = document.get_object().get(object)) return error;
        for (auto member : object) {
            std::string_view key;
            if (auto error = member.unescaped_key().get(key)) return error;
            if (key != name) continue;
            simdjson::ondemand::value value;
            if (auto error = member.value().get(value)) return error;
            token = value.raw_json_token();
        }
        token = without_trailing_space(token);
        return simdjson::SUCCESS;
    }

    csimdjson_value number(simdjson::dom::element element, std::string_view line, std::string_view name) noexcept {
        csimdjson_value value = {};
        if (element.is_int64()) {
            value.kind = CSIMDJSON_VALUE_INTEGER;
            value.number = element.get_int64().value_unsafe();
            return value;
        }
        // A number that fits no machine type was parsed as null.
        if (!element.is_number() && !element.is_null()) {
            value.kind = CSIMDJSON_VALUE_OF_OTHER_TYPE;
            return value;
        }
        std::string_view text = last_number(line, name);
        if (text.empty() && find(line, name, text) != simdjson::SUCCESS) {
            value.kind = CSIMDJSON_VALUE_OF_OTHER_TYPE;
            return value;
        }
        if (text.empty() || !is_of_number(text.front())) {
            value.kind = CSIMDJSON_VALUE_NULL;
            return value;
        }
        value.kind = CSIMDJSON_VALUE_DECIMAL;
        value.text = text.data();
        value.text_length = text.size();
        return value;
    }

    csimdjson_value text(simdjson::dom::element element) noexcept {
        csimdjson_value value = {};
        std::string_view text;
        if (element.get(text) == simdjson::SUCCESS) {
            value.kind = CSIMDJSON_VALUE_TEXT;
            value.text = text.data();
            value.text_length = text.size();
        } else {
            value.kind = element.is_null() ? CSIMDJSON_VALUE_NULL : CSIMDJSON_VALUE_OF_OTHER_TYPE;
        }
        return value;
    }
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
    csimdjson_row_reader *reader, const uint8_t *bytes, size_t length, csimdjson_value *values) noexcept {
    const std::string_view line(reinterpret_cast<const char *>(bytes), length);
    simdjson::dom::element document;
    const auto error = parse_any_numbers(reader->parser, reader->scratch, line.data(), length, document);
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
        const Field &field = reader->fields[index];
        if (!reader->is_found[index]) {
            values[index] = {};
        } else if (field.kind == CSIMDJSON_FIELD_TEXT) {
            values[index] = reader->text(reader->found[index]);
        } else {
            values[index] = reader->number(reader->found[index], line, field.name);
        }
    }
    return CSIMDJSON_ROW_READ;
}

extern "C" const char *csimdjson_row_message(const csimdjson_row_reader *reader) noexcept { return reader->message; }
