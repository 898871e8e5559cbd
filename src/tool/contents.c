/*
 * contents - the commands "cat", "hex" and "put": what is in a file.
 * Layer: tool (a client of ISCardFileAccess).
 * Reference: ISCardFileAccess::Read, Write, Microsoft Learn ("Write to a file")
 * SPDX-License-Identifier: MIT
 */
#include "tool/contents.h"

#include <stdlib.h>
#include <string.h>

#include "tool/hex_dump.h"
#include "tool/local_file.h"
#include "tool/output.h"
#include "tool/properties.h"
#include "tool/session.h"

/* Asked for at a time; a multiple of a dump's line. */
#define PIECE_LEN 65536
/* A card that never comes to an end is not read for ever. */
#define PIECES_MAX 65536

/* A file of the card while a command works on it. */
struct card_file
{
    ISCardFileAccess *files;
    HSCARD_FILE handle;
    struct file_facts facts;
};

/* What is done with each piece: of a file with records, one record. */
typedef void (*piece_function)(const struct card_file *file, unsigned number, unsigned long offset,
                               const BYTE *bytes, LONG len);

static void copy_piece(const struct card_file *file, unsigned number, unsigned long offset,
                       const BYTE *bytes, LONG len)
{
    (void)file;
    (void)number;
    (void)offset;
    output_bytes(bytes, (size_t)len);
}

static void dump_piece(const struct card_file *file, unsigned number, unsigned long offset,
                       const BYTE *bytes, LONG len)
{
    bool has_records = file_kind_has_records(file->facts.kind);
    char line[HEX_DUMP_CHARS];

    if (has_records) output_text("record %u, %ld bytes\n", number, (long)len);
    for (LONG at = 0; at < len; at += HEX_DUMP_BYTES)
    {
        hex_dump_line(line, (has_records ? 0 : offset) + (unsigned long)at, bytes + at,
                      (size_t)(len - at));
        output_text("%s\n", line);
    }
}

/* The next piece, to be freed. S_OK with NULL: the file has ended. */
static HRESULT read_piece(const struct card_file *file, BYTE **bytes, LONG *len)
{
    IByteBuffer *buffer = NULL;
    LONG count = PIECE_LEN;
    HRESULT hr = ISCardFileAccess_Read(file->files, file->handle, &count, &buffer, SC_FL_NO_FLAGS);

    *bytes = NULL;
    *len = 0;
    if (hr == (HRESULT)SCARD_W_EOF) return S_OK;
    if (FAILED(hr)) return hr;
    *bytes = malloc(count > 0 ? (size_t)count : 1);
    hr = *bytes ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && count > 0) hr = IByteBuffer_Read(buffer, *bytes, count, len);
    IByteBuffer_Release(buffer);
    if (SUCCEEDED(hr)) return S_OK;
    free(*bytes);
    *bytes = NULL;
    return hr;
}

static HRESULT read_all(const struct card_file *file, piece_function use)
{
    unsigned long offset = 0;
    HRESULT hr = S_OK;

    for (unsigned number = 1; number <= PIECES_MAX; number++)
    {
        BYTE *bytes;
        LONG len;
        hr = read_piece(file, &bytes, &len);
        if (FAILED(hr) || !bytes) break;
        use(file, number, offset, bytes, len);
        offset += (unsigned long)len;
        free(bytes);
    }
    return hr;
}

/* Opens the file of the options' first argument, its facts with it. */
static bool open_file(const struct session *session, const struct options *options,
                      struct card_file *file)
{
    BSTR path = session_bstr(options->arguments[0]);

    *file = (struct card_file){ .files = session->files };
    if (!path) return false;
    HRESULT hr = ISCardFileAccess_Open(session->files, REFERENCE_ANY, path, &file->handle);
    if (SUCCEEDED(hr))
    {
        /* A file that hides its properties can still be read. */
        hr = properties_read(session->files, path, &file->facts);
        if (properties_are_locked(hr) || hr == (HRESULT)SCARD_E_FILE_NOT_FOUND) hr = S_OK;
    }
    SysFreeString(path);
    if (FAILED(hr)) session_trouble(hr, "the file cannot be opened");
    return SUCCEEDED(hr);
}

static int read_command(const struct options *options, piece_function use)
{
    struct session session;
    struct card_file file;
    int exit_code = TOOL_REFUSED;

    if (!session_open(&session, options)) return TOOL_REFUSED;
    if (open_file(&session, options, &file))
    {
        HRESULT hr = read_all(&file, use);
        exit_code = FAILED(hr) ? session_trouble(hr, "the file cannot be read") : TOOL_GOOD;
        ISCardFileAccess_Close(session.files, file.handle);
    }
    return session_close(&session) ? exit_code : TOOL_REFUSED;
}

int contents_cat_command(const struct options *options)
{
    return read_command(options, copy_piece);
}

int contents_hex_command(const struct options *options)
{
    return read_command(options, dump_piece);
}

static HRESULT write_piece(const struct card_file *file, const BYTE *bytes, size_t len)
{
    IByteBuffer *buffer = session_buffer(bytes, len);

    if (!buffer) return E_OUTOFMEMORY;
    HRESULT hr =
        ISCardFileAccess_Write(file->files, file->handle, (LONG)len, buffer, SC_FL_NO_FLAGS);
    IByteBuffer_Release(buffer);
    return hr;
}

/* Whether the contents fit the file's structure, and in *piece_len how much goes out at a time. */
static bool choose_piece(const struct card_file *file, const struct local_file *contents,
                         size_t *piece_len)
{
    size_t record_len = file->facts.record_len;

    *piece_len = contents->len;
    switch (file->facts.kind)
    {
    case FILE_KIND_UNKNOWN:
    case FILE_KIND_TRANSPARENT:
        return true;
    case FILE_KIND_FIXED:
        *piece_len = record_len;
        if (record_len && contents->len % record_len == 0) return true;
        output_trouble("the file has records of %lu bytes: %lu bytes do not fill them evenly",
                       (unsigned long)record_len, (unsigned long)contents->len);
        return false;
    default:
        output_trouble("a file of this kind (%s) is not written as a whole: its records have no "
                       "one length and order",
                       file_kind_name(file->facts.kind));
        return false;
    }
}

static int write_all(const struct card_file *file, const struct local_file *contents,
                     const struct options *options)
{
    size_t piece_len;

    if (!choose_piece(file, contents, &piece_len)) return TOOL_REFUSED;
    for (size_t at = 0; at < contents->len; at += piece_len)
    {
        HRESULT hr = write_piece(file, contents->bytes + at, piece_len);
        if (SUCCEEDED(hr)) continue;
        session_trouble(hr, "the file cannot be written");
        if (at > 0)
            output_trouble("%lu bytes, in whole records, were written before", (unsigned long)at);
        return TOOL_REFUSED;
    }
    output_text("%lu bytes written to %s\n", (unsigned long)contents->len, options->arguments[0]);
    return TOOL_GOOD;
}

int contents_put_command(const struct options *options)
{
    struct local_file contents;
    struct session session;
    struct card_file file;
    int exit_code = TOOL_REFUSED;

    /* The card is not touched where there is nothing to write. */
    if (!local_file_read(&contents, options->arguments[1])) return TOOL_REFUSED;
    if (session_open(&session, options))
    {
        if (open_file(&session, options, &file))
        {
            exit_code = write_all(&file, &contents, options);
            ISCardFileAccess_Close(session.files, file.handle);
        }
        if (!session_close(&session)) exit_code = TOOL_REFUSED;
    }
    local_file_free(&contents);
    return exit_code;
}
