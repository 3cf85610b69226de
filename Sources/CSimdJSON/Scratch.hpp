// Bytes for a copy of a text, with simdjson's padding behind it.
#ifndef CSIMDJSON_SCRATCH_HPP
#define CSIMDJSON_SCRATCH_HPP

#include <cstdlib>
#include <cstring>

#include "CSimdJSON.h"

class Scratch {
public:
    char *bytes = nullptr;

    Scratch() = default;
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    ~Scratch() { std::free(bytes); }

    /// Makes room for `length` bytes and the padding; false where there is no memory.
    bool reserve(size_t length) noexcept {
        if (length + CSIMDJSON_PADDING <= capacity) return true;
        const size_t wanted = 2 * (length + CSIMDJSON_PADDING);
        char *grown = static_cast<char *>(std::realloc(bytes, wanted));
        if (grown == nullptr) return false;
        bytes = grown;
        capacity = wanted;
        return true;
    }

    /// Holds a copy of the text, with blanks behind it; false where there is no memory.
    bool copy(const char *text, size_t length) noexcept {
        if (!reserve(length)) return false;
        std::memcpy(bytes, text, length);
        std::memset(bytes + length, ' ', CSIMDJSON_PADDING);
        return true;
    }

private:
    size_t capacity = 0;
};

#endif
