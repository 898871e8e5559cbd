/*
 * bytes - byte spans with checked access: a span, a reader that cannot run off it, a writer that
 *         cannot run over it.
 * Layer: base (knows nothing of ours).
 * Reader and writer keep going after a failed access (giving zeros, storing nothing) and remember
 * it, so that code reads straight through and asks once at the end.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_BYTES_H
#define SCM_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A span of bytes that somebody else owns; data may be NULL only when len is 0. */
struct bytes
{
    const uint8_t *data;
    size_t len;
};

static inline struct bytes bytes_of(const void *data, size_t len)
{
    return (struct bytes){ (const uint8_t *)data, len };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/** The part of a span from `offset`, at most `len` long; empty where there is nothing. */
static inline struct bytes bytes_slice(struct bytes span, size_t offset, size_t len)
{
    if (offset >= span.len) return bytes_of(NULL, 0);
    if (len > span.len - offset) len = span.len - offset;
    return bytes_of(span.data + offset, len);
}

/** Reads a span from front to back. */
struct byte_reader
{
    struct bytes rest;
    bool failed; /**< something was asked for that is not there */
};

static inline struct byte_reader byte_reader_of(struct bytes span)
{
    return (struct byte_reader){ span, false };
}

/** The next `len` bytes as a span of the original; empty, and failed set, where fewer are left. */
static inline struct bytes byte_reader_take(struct byte_reader *reader, size_t len)
{
    if (reader->failed || len > reader->rest.len)
    {
        reader->failed = true;
        return bytes_of(NULL, 0);
    }
    struct bytes taken = bytes_of(reader->rest.data, len);
    if (len != 0) reader->rest = bytes_of(reader->rest.data + len, reader->rest.len - len);
    return taken;
}

static inline uint8_t byte_reader_u8(struct byte_reader *reader)
{
    struct bytes taken = byte_reader_take(reader, 1);
    return taken.len ? taken.data[0] : 0;
}

/** Two bytes, most significant first. */
static inline uint16_t byte_reader_u16(struct byte_reader *reader)
{
    struct bytes taken = byte_reader_take(reader, 2);
    return taken.len ? (uint16_t)(taken.data[0] << 8 | taken.data[1]) : 0;
}

/** Fills a buffer of fixed capacity from front to back. */
struct byte_writer
{
    uint8_t *data;
    size_t capacity;
    size_t len;
    bool failed; /**< something did not fit; len then counts only what did */
};

static inline struct byte_writer byte_writer_of(void *data, size_t capacity)
{
    return (struct byte_writer){ (uint8_t *)data, capacity, 0, false };
}

static inline void byte_writer_put(struct byte_writer *writer, struct bytes span)
{
    if (writer->failed || span.len > writer->capacity - writer->len)
    {
        writer->failed = true;
        return;
    }
    if (span.len != 0) memcpy(writer->data + writer->len, span.data, span.len);
    writer->len += span.len;
}

static inline void byte_writer_u8(struct byte_writer *writer, uint8_t value)
{
    byte_writer_put(writer, bytes_of(&value, 1));
}

/** Two bytes, most significant first. */
static inline void byte_writer_u16(struct byte_writer *writer, uint16_t value)
{
    const uint8_t both[2] = { (uint8_t)(value >> 8), (uint8_t)value };
    byte_writer_put(writer, bytes_of(both, sizeof(both)));
}

static inline struct bytes byte_writer_written(const struct byte_writer *writer)
{
    return bytes_of(writer->data, writer->len);
}

#endif
