/*
 * content - reading, writing and seeking in open files.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.3 (binary), 11.4 (records)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/content.h"

#include "card/files/info.h"
#include "card/files/select.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define OFFSET_DO_ROOM (2 * APDU_OFFSET_OBJECT_MAX)
/* Offsets beyond are no card's; what a seek can reach. */
#define POSITION_MAX 0x7FFFFFFFu

static bool has_records(const struct card_file *file)
{
    return fcp_kind_has_records(file->kind);
}

/* Selects the file and learns what the card tells of it now. */
static scm_result ready(struct card_files *files, struct card_file *file, struct card_fault *fault)
{
    const struct card_selection *selection = card_files_selection(files);
    struct card_selected selected;

    if (file->kind == FCP_KIND_DATA_OBJECTS)
    {
        fault->why = "the file has neither bytes nor records but data objects";
        return SC_E_UNSUPPORTED_FEATURE;
    }
    if (selection->is_known && card_path_equal(&selection->path, &file->path)) return HR_OK;
    scm_result result = card_files_select(files, &file->path, STATUS_SELECT, &selected, fault);
    if (result_failed(result)) return result;
    card_file_learn(file, &selected.fcp);
    if (selected.fcp.kind == FCP_KIND_UNKNOWN) card_files_note_kind(files, file->kind);
    return HR_OK;
}

/* A guess at the file's structure that turns out wrong is mended, once. */
static bool was_wrong_guess(struct card_file *file, struct card_fault *fault)
{
    if (file->is_kind_sure || fault->sw != SW_WRONG_FILE_STRUCTURE || has_records(file))
        return false;
    file->kind = FCP_KIND_LINEAR_VARIABLE;
    file->is_kind_sure = true;
    fault->sw = 0;
    return true;
}

/* The data inside the data object that the odd READ BINARY gives. */
static scm_result unwrap(struct card_answer *answer)
{
    struct ber_tlv object;
    struct byte_reader reader = byte_reader_of(answer->data);

    if (answer->data.len == 0) return HR_OK;
    if (!ber_tlv_next(&reader, &object) || object.tag != APDU_DO_DISCRETIONARY)
        return SC_E_COMM_DATA_LOST;
    answer->data = object.value;
    return HR_OK;
}

/* Up to `wanted` bytes from an offset, in one command. */
static scm_result read_piece(struct card_files *files, uint32_t offset, uint32_t wanted,
                             struct card_answer *answer)
{
    uint8_t room[APDU_OFFSET_OBJECT_MAX];
    uint32_t most = card_link_answer_max(files->link);
    struct apdu_command command;

    if (offset <= APDU_OFFSET_MAX)
    {
        command = apdu_read_binary(offset, wanted < most ? wanted : most);
        return card_exchange(files->link, &command, answer);
    }
    uint32_t header_len = (uint32_t)ber_tlv_header_len(APDU_DO_DISCRETIONARY, wanted);
    uint32_t ne = wanted < most - header_len ? wanted + header_len : most;
    command = apdu_read_binary_odd(offset, ne, room);
    scm_result result = card_exchange(files->link, &command, answer);
    if (result_failed(result) || result_failed(status_word_result(answer->sw, STATUS_READ)))
        return result;
    return unwrap(answer);
}

/* Whether a status word means that there is nothing at this offset. */
static bool is_beyond_end(uint16_t sw, uint32_t offset, bool is_size_known)
{
    if (sw == SW_WRONG_OFFSET) return true;
    /* Without a size we look for the end by running into it, and cards say so in many ways. */
    return !is_size_known && offset > 0 && (sw == SW_WRONG_P1_P2 || sw == SW_WRONG_LENGTH);
}

/* Whether there is a byte at an offset. */
static scm_result has_byte(struct card_files *files, uint32_t offset, bool *is_there,
                           struct card_fault *fault)
{
    struct card_answer answer;

    *is_there = false;
    scm_result result = read_piece(files, offset, 1, &answer);
    if (result_failed(result) || is_beyond_end(answer.sw, offset, false)) return result;
    result = status_word_result(answer.sw, STATUS_READ);
    if (result == SC_E_UNSUPPORTED_FEATURE && offset > APDU_OFFSET_MAX) return HR_OK;
    if (result_failed(result)) card_fault_answered(fault, answer.sw, STATUS_READ);
    *is_there = answer.data.len > 0;
    return result;
}

/* What a command that asks for `wanted` bytes really asks for. */
static uint32_t piece_asked(const struct card_files *files, uint32_t wanted)
{
    uint32_t most = card_link_answer_max(files->link);
    return wanted < most ? wanted : most;
}

static scm_result read_bytes(struct card_files *files, struct card_file *file, uint32_t wanted,
                             struct secret_bytes *data, struct card_fault *fault)
{
    struct card_answer answer;
    uint32_t most = files->read_bytes_max ? files->read_bytes_max : UINT32_MAX;
    uint32_t refused_end = UINT32_MAX; /* where the last piece that was too long would have ended */

    while (data->len < wanted)
    {
        uint32_t offset = file->position + (uint32_t)data->len;
        uint32_t left = wanted - (uint32_t)data->len;
        if (file->has_size && offset >= file->size) break;
        if (file->has_size && left > file->size - offset) left = file->size - offset;
        /* Without a size, as much may come again as was there already. */
        if (card_info_is_due_for_reading(files, file->has_size ? left : data->len))
        {
            card_info_learn(files);
            scm_result again = ready(files, file, fault);
            if (result_failed(again)) return again;
        }
        if (left > most) left = most;
        scm_result result = read_piece(files, offset, left, &answer);
        if (result_failed(result)) return result;
        if (answer.sw == SW_WRONG_LENGTH && left > 1)
        {
            /* Some cards give nothing, and not less, where that is too much for them. */
            uint32_t refused = piece_asked(files, left);
            refused_end = offset + refused;
            most = refused / 2;
            continue;
        }
        if (is_beyond_end(answer.sw, offset, file->has_size)) break;
        result = status_word_result(answer.sw, STATUS_READ);
        if (result_failed(result))
        {
            /* What lies beyond the first 32 KiB may be out of the card's reach; and a size that is
             * told may be too large. What was read is good in any case. */
            bool is_out_of_reach =
                result == SC_E_UNSUPPORTED_FEATURE || is_beyond_end(answer.sw, offset, false);
            if (is_out_of_reach && data->len > 0) break;
            card_fault_answered(fault, answer.sw, STATUS_READ);
            return result;
        }
        if (answer.data.len == 0) break;
        struct bytes piece = bytes_slice(answer.data, 0, left);
        if (!secret_bytes_add(data, piece)) return HR_OUTOFMEMORY;
        card_budget_moved(&files->link->budget, piece.len);
        /* So much could be read there, but not at once. */
        if (file->position + data->len >= refused_end) files->read_bytes_max = most;
        if (answer.sw == SW_END_OF_FILE) break;
    }
    if (data->len == 0) return SC_W_EOF;
    file->is_kind_sure = true;
    file->position += (uint32_t)data->len;
    return HR_OK;
}

static scm_result read_record(struct card_files *files, struct card_file *file, uint32_t wanted,
                              struct secret_bytes *data, struct card_fault *fault)
{
    bool is_bounded = file->record_len && file->record_len < wanted;
    struct card_answer answer;

    if (file->position >= APDU_RECORD_MAX) return SC_W_EOF;
    scm_result result = card_record_read(files, file, file->position + 1, &answer, fault);
    if (result_failed(result)) return result;
    answer.data = bytes_slice(answer.data, 0, is_bounded ? file->record_len : wanted);
    if (!secret_bytes_add(data, answer.data)) return HR_OUTOFMEMORY;
    file->position++;
    return HR_OK;
}

/* Before the file is selected: what its last selection told is good enough. */
static void learn_for_reading(struct card_files *files, const struct card_file *file,
                              uint32_t wanted)
{
    uint32_t left = file->has_size && file->position < file->size ? file->size - file->position : 0;

    if (has_records(file) && file->record_len > APDU_SHORT_NE_MAX)
        card_info_learn_for_command(files, file->record_len - 1);
    else if (!has_records(file) &&
             card_info_is_due_for_reading(files, left < wanted ? left : wanted))
        card_info_learn(files);
}

scm_result card_file_read(struct card_files *files, struct card_file *file, uint32_t wanted,
                          struct secret_bytes *data, struct card_fault *fault)
{
    learn_for_reading(files, file, wanted);
    scm_result result = ready(files, file, fault);
    if (result_failed(result) || wanted == 0) return result;
    if (wanted > CARD_ANSWER_LEN_MAX) wanted = CARD_ANSWER_LEN_MAX;
    if (!has_records(file)) result = read_bytes(files, file, wanted, data, fault);
    if (has_records(file) || was_wrong_guess(file, fault))
        result = read_record(files, file, wanted, data, fault);
    return result;
}

/* Whether WRITE does what is asked, by the file's data coding byte. */
static bool write_does(const struct card_file *file, enum card_write how)
{
    if (how == CARD_WRITE_OR) return file->write != FCP_WRITE_AND && file->write != FCP_WRITE_ONCE;
    if (how == CARD_WRITE_AND) return file->write != FCP_WRITE_OR && file->write != FCP_WRITE_ONCE;
    return true;
}

/* One piece of data to an offset; `room` keeps the data field of the odd instructions. */
static struct apdu_command write_command(uint32_t offset, struct bytes piece, enum card_write how,
                                         struct byte_writer *room)
{
    bool is_update = how == CARD_WRITE_UPDATE;
    if (offset <= APDU_OFFSET_MAX)
        return apdu_change_binary(is_update ? APDU_INS_UPDATE_BINARY : APDU_INS_WRITE_BINARY,
                                  offset, piece);
    return apdu_change_binary_odd(
        is_update ? APDU_INS_UPDATE_BINARY_ODD : APDU_INS_WRITE_BINARY_ODD, offset, piece, room);
}

/* How much of the rest one command takes. */
static size_t piece_len(struct card_files *files, uint32_t offset, size_t rest)
{
    size_t most = card_link_data_max(files->link);
    if (offset > APDU_OFFSET_MAX) most -= APDU_ODD_OVERHEAD;
    if (files->write_bytes_max && files->write_bytes_max < most) most = files->write_bytes_max;
    return rest < most ? rest : most;
}

/* Sends one piece; again, shorter, where the card turns out to refuse extended length. */
static scm_result write_piece(struct card_files *files, struct secret_bytes *room, uint32_t offset,
                              struct bytes rest, enum card_write how, size_t *len, uint16_t *sw)
{
    for (;;)
    {
        size_t most = card_link_data_max(files->link);
        *len = piece_len(files, offset, rest.len);
        struct byte_writer writer = byte_writer_of(room->data, room->capacity);
        struct apdu_command command =
            write_command(offset, bytes_slice(rest, 0, *len), how, &writer);
        struct card_answer answer;
        scm_result result = card_exchange(files->link, &command, &answer);
        *sw = answer.sw;
        if (result_failed(result) || card_link_data_max(files->link) >= most ||
            answer.sw != SW_WRONG_LENGTH)
            return result;
    }
}

/* Room for the data field of the odd instructions, as long as data and card allow. */
static bool make_room(struct card_files *files, const struct card_file *file, size_t len,
                      struct secret_bytes *room)
{
    if (file->position + len <= APDU_OFFSET_MAX) return true;
    size_t most = card_link_data_max(files->link);
    static const uint8_t zeros[APDU_SHORT_LC_MAX];
    size_t needed = (len < most ? len : most) + APDU_ODD_OVERHEAD;
    while (room->len < needed)
        if (!secret_bytes_add(room, bytes_of(zeros, sizeof(zeros)))) return false;
    return true;
}

enum write_refusal
{
    WRITE_REFUSED,
    WRITE_BEYOND_END,       /* it begins inside the file, or at its end, and leads beyond */
    WRITE_TOO_MUCH_AT_ONCE, /* all of it lies in the file: only the length is wrong */
};

/* What the card means by refusing a piece. Many do not tell one that begins outside the file from one
 * that ends there, nor that from one that is too long for the card. */
static enum write_refusal why_refused(struct card_files *files, uint32_t offset, size_t len,
                                      uint16_t sw, bool is_inside)
{
    struct card_fault ignored = card_fault_none();
    bool has_begin = is_inside || offset == 0, has_end = true;

    if (sw != SW_WRONG_OFFSET && sw != SW_WRONG_LENGTH) return WRITE_REFUSED;
    if (sw == SW_WRONG_OFFSET && has_begin) return WRITE_BEYOND_END;
    if (result_failed(has_byte(files, offset + (uint32_t)len - 1, &has_end, &ignored)))
        return WRITE_REFUSED;
    if (has_end) return sw == SW_WRONG_LENGTH && len > 1 ? WRITE_TOO_MUCH_AT_ONCE : WRITE_REFUSED;
    bool is_known = has_begin || !result_failed(has_byte(files, offset - 1, &has_begin, &ignored));
    return is_known && has_begin ? WRITE_BEYOND_END : WRITE_REFUSED;
}

static scm_result write_bytes(struct card_files *files, struct card_file *file, struct bytes data,
                              enum card_write how, struct card_fault *fault)
{
    struct secret_bytes room = secret_bytes_from(&system_memory);
    scm_result result = HR_OK;
    uint32_t written = 0, known_max = files->write_bytes_max;

    if (!make_room(files, file, data.len, &room)) result = HR_OUTOFMEMORY;
    while (!result_failed(result) && written < data.len)
    {
        uint16_t sw = 0;
        size_t len = 0;
        struct bytes rest = bytes_slice(data, written, data.len);
        result = write_piece(files, &room, file->position + written, rest, how, &len, &sw);
        if (result_failed(result)) break;
        result = status_word_result(sw, STATUS_WRITE);
        if (!result_failed(result))
        {
            written += (uint32_t)len;
            card_budget_moved(&files->link->budget, len);
            continue;
        }
        card_fault_answered(fault, sw, STATUS_WRITE);
        switch (why_refused(files, file->position + written, len, sw, written > 0))
        {
        case WRITE_TOO_MUCH_AT_ONCE:
            files->write_bytes_max = (uint32_t)len / 2;
            fault->sw = 0;
            result = HR_OK;
            break;
        case WRITE_BEYOND_END:
            result = SC_E_WRITE_TOO_MANY;
            break;
        default:
            break;
        }
    }
    secret_bytes_free(&room);
    file->position += written;
    /* It was not the length. */
    if (result_failed(result) && written == 0) files->write_bytes_max = known_max;
    if (result_failed(result))
    {
        fault->has_written = true;
        fault->written = written;
    }
    return result;
}

static void put_offset_object(struct byte_writer *writer, uint32_t offset)
{
    const uint8_t bytes[] = { (uint8_t)(offset >> 24), (uint8_t)(offset >> 16),
                              (uint8_t)(offset >> 8), (uint8_t)offset };
    ber_tlv_put(writer, APDU_DO_OFFSET, bytes_of(bytes, sizeof(bytes)));
}

/* From the file pointer on. An end that is the file's own is left out of the command. */
static scm_result erase_bytes(struct card_files *files, struct card_file *file, uint32_t len,
                              struct card_fault *fault)
{
    uint8_t room[OFFSET_DO_ROOM];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    uint32_t from = file->position, to = from + len;
    enum apdu_ins ins = APDU_INS_ERASE_BINARY;

    if (to <= APDU_OFFSET_MAX)
        byte_writer_u16(&writer, (uint16_t)to);
    else
    {
        ins = APDU_INS_ERASE_BINARY_ODD;
        put_offset_object(&writer, from);
        put_offset_object(&writer, to);
        from = 0;
    }
    if (file->has_size && to == file->size && ins == APDU_INS_ERASE_BINARY) writer.len = 0;
    struct apdu_command command = apdu_change_binary(ins, from, byte_writer_written(&writer));
    scm_result result = card_exchange_judged(files->link, &command, STATUS_WRITE, NULL, fault);
    if (!result_failed(result)) file->position = to;
    return result;
}

static scm_result write_transparent(struct card_files *files, struct card_file *file,
                                    struct bytes data, enum card_write how,
                                    struct card_fault *fault)
{
    if (data.len > POSITION_MAX - file->position) return SC_E_WRITE_TOO_MANY;
    if (file->has_size && file->position + data.len > file->size)
    {
        fault->has_written = true;
        return SC_E_WRITE_TOO_MANY;
    }
    if (how == CARD_WRITE_ERASE) return erase_bytes(files, file, (uint32_t)data.len, fault);
    return write_bytes(files, file, data, how, fault);
}

scm_result card_file_write(struct card_files *files, struct card_file *file, struct bytes data,
                           enum card_write how, struct card_fault *fault)
{
    if (has_records(file))
        card_info_learn_for_command(files, data.len);
    else
        card_info_learn_for_writing(files, data.len);
    scm_result result = ready(files, file, fault);
    if (result_failed(result)) return result;
    if (!write_does(file, how))
    {
        fault->why = "the file's data coding byte gives WRITE another meaning";
        return SC_E_UNSUPPORTED_FEATURE;
    }
    if (data.len == 0 && !has_records(file)) return HR_OK;
    if (!has_records(file)) result = write_transparent(files, file, data, how, fault);
    if (has_records(file) || was_wrong_guess(file, fault))
        result = card_record_write(files, file, data, how, fault);
    return result;
}

/* How many bytes there are, where the card does not say: by halving. */
static scm_result find_size(struct card_files *files, uint32_t *size, struct card_fault *fault)
{
    uint32_t low = 0, high = APDU_SHORT_NE_MAX;
    bool is_there = true;

    /* All below `low` is there; nothing from `high` on. */
    while (is_there && high < CARD_ANSWER_LEN_MAX)
    {
        scm_result result = has_byte(files, high, &is_there, fault);
        if (result_failed(result)) return result;
        if (is_there)
        {
            low = high + 1;
            high = high > CARD_ANSWER_LEN_MAX / 2 ? CARD_ANSWER_LEN_MAX : high * 2;
        }
    }
    while (low < high)
    {
        uint32_t middle = low + (high - low) / 2;
        scm_result result = has_byte(files, middle, &is_there, fault);
        if (result_failed(result)) return result;
        if (is_there)
            low = middle + 1;
        else
            high = middle;
    }
    *size = low;
    return HR_OK;
}

/* The number of records that a file tells may be the room that it has for them. */
static scm_result find_end(struct card_files *files, struct card_file *file, uint32_t *end,
                           struct card_fault *fault)
{
    return has_records(file) ? card_record_count(files, file, end, fault)
                             : find_size(files, end, fault);
}

static bool is_end_known(const struct card_file *file, uint32_t *end)
{
    *end = has_records(file) ? file->record_count : file->size;
    return has_records(file) ? file->record_count > 0 : file->has_size;
}

static int64_t place_of(const struct card_file *file, int32_t offset, enum card_seek origin,
                        uint32_t end)
{
    int64_t base = origin == CARD_SEEK_END        ? end
                   : origin == CARD_SEEK_RELATIVE ? file->position
                                                  : 0;
    return base + offset;
}

/* The card is asked only where it alone knows: records may have been added meanwhile, and where the
 * end is not known it has to be looked for. */
scm_result card_file_seek(struct card_files *files, struct card_file *file, int32_t offset,
                          enum card_seek origin, struct card_fault *fault)
{
    uint32_t end;
    scm_result result = HR_OK;

    if ((unsigned)origin > CARD_SEEK_RELATIVE)
    {
        fault->why = "the origin is not 0 (beginning), 1 (end) or 2 (relative)";
        return HR_INVALIDARG;
    }
    bool is_known = is_end_known(file, &end);
    bool is_asked = file->kind == FCP_KIND_DATA_OBJECTS ||
                    (origin == CARD_SEEK_END && (!is_known || has_records(file)));
    if (is_asked) result = ready(files, file, fault);
    if (is_asked) is_known = is_end_known(file, &end);
    if (!result_failed(result) && origin == CARD_SEEK_END && (!is_known || has_records(file)))
    {
        result = find_end(files, file, &end, fault);
        is_known = true;
    }
    if (result_failed(result)) return result;
    int64_t place = place_of(file, offset, origin, end);
    if (is_known && place > end && !is_asked)
    {
        /* It may have grown since it was opened. */
        result = ready(files, file, fault);
        if (result_failed(result)) return result;
        is_known = is_end_known(file, &end);
    }
    if (place < 0 || (is_known && place > end) || place > POSITION_MAX ||
        (has_records(file) && place > APDU_RECORD_MAX))
        return SC_E_BAD_SEEK;
    file->position = (uint32_t)place;
    return HR_OK;
}
