/*
 * properties - what cards tell of their files and of themselves, and what of it can be changed.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4 (control information), 11.5 (data objects)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/properties.h"

#include "card/files/creation.h"
#include "card/files/info.h"
#include "card/files/objects.h"
#include "card/files/select.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define TAG_IN_P1_P2_MAX         0xFFFF
#define DISCRETIONARY_HEADER_MAX 4
#define LIFE_DEACTIVATED         0x04 /* 04 and 06 */
#define LIFE_ACTIVATED           0x05 /* 05 and 07 */
#define LIFE_EITHER_MASK         0xFD
#define TAG_CLASS_APPLICATION    0x40

/* What is known of a file whose card tells of it in a form of its own, or not at all. */
static scm_result describe(struct card_files *files, const struct card_path *path,
                           const struct fcp *fcp, struct secret_bytes *parameters)
{
    static const uint8_t descriptors[] = {
        [FCP_KIND_DF] = 0x38,           [FCP_KIND_TRANSPARENT] = 0x01,
        [FCP_KIND_LINEAR_FIXED] = 0x02, [FCP_KIND_LINEAR_VARIABLE] = 0x04,
        [FCP_KIND_CYCLIC] = 0x06,       [FCP_KIND_DATA_OBJECTS] = 0x39,
    };
    const struct card_path_element *last = path->count ? &path->elements[path->count - 1] : NULL;
    const uint8_t size[] = { (uint8_t)(fcp->size >> 8), (uint8_t)fcp->size };
    const uint8_t record_len = (uint8_t)fcp->record_len;
    enum fcp_kind kind = fcp->kind;
    bool is_sure = true, is_added = true;

    if (path->count == 0 || last->kind == CARD_PATH_NAME) kind = FCP_KIND_DF;
    if (kind == FCP_KIND_UNKNOWN)
    {
        scm_result result = card_files_probe_kind(files, &kind, &is_sure);
        if (result_failed(result)) return result;
    }
    if (fcp->has_size) is_added = data_objects_add(parameters, FCP_TAG_SIZE, bytes_of(size, 2));
    if (is_sure && is_added)
    {
        const uint8_t descriptor[] = { descriptors[kind], 0x01, record_len };
        is_added = data_objects_add(parameters, FCP_TAG_DESCRIPTOR,
                                    bytes_of(descriptor, record_len ? 3 : 1));
    }
    if (is_added && last && last->kind == CARD_PATH_ID)
        is_added = data_objects_add(parameters, FCP_TAG_FILE_ID, bytes_of(last->bytes, last->len));
    if (is_added && last && last->kind == CARD_PATH_NAME)
        is_added = data_objects_add(parameters, FCP_TAG_DF_NAME, bytes_of(last->bytes, last->len));
    const uint8_t life_cycle =
        fcp->life_cycle == FCP_LIFE_DEACTIVATED ? LIFE_DEACTIVATED : LIFE_ACTIVATED;
    if (is_added && fcp->life_cycle != FCP_LIFE_UNKNOWN)
        is_added = data_objects_add(parameters, FCP_TAG_LIFE_CYCLE, bytes_of(&life_cycle, 1));
    return is_added ? HR_OK : HR_OUTOFMEMORY;
}

/* All control parameters of a file, as data objects of our own. */
static scm_result read_parameters(struct card_files *files, const struct card_path *path,
                                  struct secret_bytes *parameters, struct card_fault *fault)
{
    struct card_selected selected;
    scm_result result = card_files_select(files, path, STATUS_ACTIVATE, &selected, fault);
    if (result_failed(result)) return result;
    if (!selected.fcp.template_tag) return describe(files, path, &selected.fcp, parameters);

    struct fcp_walk walk = fcp_walk_begin(selected.fcp.parameters);
    struct ber_tlv object;
    while (fcp_walk_next(&walk, &object))
        if (!secret_bytes_add(parameters, object.whole)) return HR_OUTOFMEMORY;
    return HR_OK;
}

static bool is_usual(uint32_t tag)
{
    switch (tag)
    {
    case FCP_TAG_SIZE:
    case FCP_TAG_TOTAL_SIZE:
    case FCP_TAG_DESCRIPTOR:
    case FCP_TAG_FILE_ID:
    case FCP_TAG_DF_NAME:
    case FCP_TAG_SHORT_ID:
    case FCP_TAG_LIFE_CYCLE:
        return true;
    default:
        return false;
    }
}

static bool tells_ability(uint32_t tag)
{
    switch (tag)
    {
    case FCP_TAG_SIZE:
    case FCP_TAG_DESCRIPTOR:
    case FCP_TAG_SHORT_ID:
    case FCP_TAG_LIFE_CYCLE:
    case FCP_TAG_SECURITY_EXPANDED_REFERENCE:
    case FCP_TAG_SECURITY_COMPACT:
    case FCP_TAG_SECURITY_EXPANDED:
        return true;
    default:
        return false;
    }
}

static bool copy_objects(struct bytes objects, bool (*is_wanted)(uint32_t tag),
                         struct secret_bytes *copy)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct ber_tlv object;
    while (ber_tlv_next(&reader, &object))
        if ((!is_wanted || is_wanted(object.tag)) && !secret_bytes_add(copy, object.whole))
            return false;
    return true;
}

/* Cards give an object whole, as its value, or in a template of discretionary data. */
static bool add_given(struct secret_bytes *properties, uint32_t tag, struct bytes given)
{
    struct ber_tlv object;

    if (ber_tlv_find(given, tag, &object) && object.whole.len == given.len)
        return secret_bytes_add(properties, given);
    bool is_wrapped = ber_tlv_find(given, APDU_DO_DISCRETIONARY, &object) &&
                      object.whole.len == given.len && tag > TAG_IN_P1_P2_MAX;
    return data_objects_add(properties, tag, is_wrapped ? object.value : given);
}

/* GET DATA with the tag in a list: of three bytes, or where the card knows no other way. */
static scm_result get_listed_object(struct card_files *files, uint32_t tag,
                                    struct card_answer *answer, struct card_fault *fault)
{
    uint8_t room[APDU_TAG_LIST_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    struct apdu_command command =
        apdu_get_data_odd(tag, card_link_answer_max(files->link), &writer);

    fault->sw = 0;
    return card_exchange_judged(files->link, &command, STATUS_READ, answer, fault);
}

/* Cuts off what is behind the object that was asked for; false where there is none in front. */
static bool cut_to_object(struct bytes *given, uint32_t tag)
{
    struct byte_reader reader = byte_reader_of(*given);
    struct ber_tlv object;

    if (!ber_tlv_next(&reader, &object) || object.tag != tag) return false;
    *given = object.whole;
    return true;
}

/* A data object that is no control parameter. */
static scm_result get_object(struct card_files *files, const struct card_path *path, uint32_t tag,
                             struct secret_bytes *properties, struct card_fault *fault)
{
    struct card_answer answer;

    scm_result result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
    if (result_failed(result)) return result;
    bool has_short_tag = tag <= TAG_IN_P1_P2_MAX;
    if (has_short_tag)
    {
        struct apdu_command command =
            apdu_get_data((uint16_t)tag, card_link_answer_max(files->link));
        result = card_exchange_judged(files->link, &command, STATUS_READ, &answer, fault);
    }
    if (!has_short_tag || fault->sw == SW_INS_UNSUPPORTED)
        result = get_listed_object(files, tag, &answer, fault);
    if (result_failed(result)) return result;
    /* Where an object ends tells what is beyond it; a value alone has no end of its own. */
    if (answer.has_exceeded && !cut_to_object(&answer.data, tag))
    {
        fault->why = "the card gave more than was asked for";
        return SC_E_COMM_DATA_LOST;
    }
    return add_given(properties, tag, answer.data) ? HR_OK : HR_OUTOFMEMORY;
}

static scm_result copy_wanted(struct card_files *files, const struct card_path *path,
                              struct bytes parameters, struct bytes tags,
                              struct secret_bytes *properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(tags);
    scm_result result = HR_OK;

    while (reader.rest.len > 0)
    {
        struct ber_tlv object;
        uint32_t tag = ber_tlv_read_tag(&reader);
        if (ber_tlv_find(parameters, tag, &object))
        {
            if (!secret_bytes_add(properties, object.whole)) return HR_OUTOFMEMORY;
            continue;
        }
        struct card_fault missing = card_fault_none();
        scm_result got = get_object(files, path, tag, properties, &missing);
        if (!result_failed(got)) continue;
        *fault = missing;
        if (!missing.sw && got != SC_E_FILE_NOT_FOUND) return got;
        result = got;
    }
    return properties->len > 0 ? HR_OK : result;
}

static bool is_tag_list(struct bytes tags)
{
    struct byte_reader reader = byte_reader_of(tags);
    while (reader.rest.len > 0 && !reader.failed)
        if (ber_tlv_read_tag(&reader) == 0) return false;
    return !reader.failed;
}

scm_result card_file_properties(struct card_files *files, const struct card_path *path,
                                struct bytes tags, enum card_properties which,
                                struct secret_bytes *properties, struct card_fault *fault)
{
    struct secret_bytes parameters = secret_bytes_from(&system_memory);

    if (!is_tag_list(tags)) return card_fault_invalid(fault, "the tags wanted are no tags");
    scm_result result = read_parameters(files, path, &parameters, fault);
    struct bytes all = bytes_of(parameters.data, parameters.len);
    if (!result_failed(result) && tags.len > 0)
        result = copy_wanted(files, path, all, tags, properties, fault);
    else if (!result_failed(result) &&
             !copy_objects(all, which == CARD_PROPERTIES_USUAL ? is_usual : NULL, properties))
        result = HR_OUTOFMEMORY;
    secret_bytes_free(&parameters);
    return result;
}

static bool is_life_cycle(const struct ber_tlv *object)
{
    if (object->value.len != 1) return false;
    uint8_t status = object->value.data[0] & LIFE_EITHER_MASK;
    return status == LIFE_ACTIVATED || status == LIFE_DEACTIVATED;
}

/* ISO/IEC 7816-4:2020, 11.4.2: P1-P2 below 0040, and from 0300 to 3FFF, stand for no tag. */
static bool is_universal(uint32_t tag)
{
    while (tag > 0xFF)
        tag >>= 8;
    return tag < TAG_CLASS_APPLICATION;
}

static scm_result check_properties(struct bytes properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(properties);
    struct ber_tlv object;

    if (!data_objects_are_whole(properties))
        return card_fault_invalid(fault, "the properties are no data objects");
    while (ber_tlv_next(&reader, &object))
    {
        if (object.tag == FCP_TAG_LIFE_CYCLE && !is_life_cycle(&object))
            return card_fault_invalid(fault, "a life cycle status can be set to 04 or 05 only");
        if (is_universal(object.tag))
            return card_fault_invalid(fault, "PUT DATA carries no tag of the universal class");
    }
    return HR_OK;
}

/* PUT DATA with the tag in P1-P2; in a tag list, where it does not fit or the card refuses that. */
static scm_result put_object(struct card_files *files, const struct ber_tlv *object,
                             struct card_fault *fault)
{
    struct secret_bytes room = secret_bytes_from(&system_memory);
    scm_result result = HR_OK;

    if (object->tag <= TAG_IN_P1_P2_MAX)
    {
        struct apdu_command command = apdu_put_data((uint16_t)object->tag, object->value);
        result = card_exchange_judged(files->link, &command, STATUS_WRITE, NULL, fault);
        if (fault->sw != SW_INS_UNSUPPORTED) return result;
    }
    fault->sw = 0;
    room.capacity = APDU_TAG_LIST_MAX + DISCRETIONARY_HEADER_MAX + object->value.len;
    room.data = memory_alloc(room.capacity);
    if (!room.data) return HR_OUTOFMEMORY;
    struct byte_writer writer = byte_writer_of(room.data, room.capacity);
    struct apdu_command command = apdu_put_data_odd(object->tag, object->value, &writer);
    room.len = writer.len;
    result = card_exchange_judged(files->link, &command, STATUS_WRITE, NULL, fault);
    secret_bytes_free(&room);
    return result;
}

scm_result card_file_set_properties(struct card_files *files, const struct card_path *path,
                                    struct bytes properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(properties);
    struct ber_tlv object;

    scm_result result = check_properties(properties, fault);
    while (!result_failed(result) && ber_tlv_next(&reader, &object))
    {
        if (object.tag == FCP_TAG_LIFE_CYCLE)
        {
            bool is_active = (object.value.data[0] & LIFE_EITHER_MASK) == LIFE_ACTIVATED;
            result = card_file_set_active(files, path, is_active, fault);
            continue;
        }
        card_info_learn_for_command(files, object.whole.len);
        result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
        if (result_failed(result)) break;
        result = put_object(files, &object, fault);
    }
    return result;
}

/* What EF.ATR/INFO says of the card, or else its historical bytes. */
static scm_result add_card_capabilities(struct card_files *files, struct secret_bytes *capabilities)
{
    static const uint32_t tags[] = { ATR_TAG_SERVICE_DATA, ATR_TAG_CAPABILITIES,
                                     ATR_TAG_EXTENDED_LENGTHS };
    const struct atr *atr = &files->link->atr;
    struct card_info room;
    struct bytes info = card_info_read(files, &room);
    bool is_added = true;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && is_added; i++)
    {
        struct bytes told = tags[i] == ATR_TAG_SERVICE_DATA   ? atr->service_data
                            : tags[i] == ATR_TAG_CAPABILITIES ? atr->capabilities_value
                                                              : bytes_of(NULL, 0);
        struct ber_tlv object;
        if (ber_tlv_find(info, tags[i], &object))
            is_added = secret_bytes_add(capabilities, object.whole);
        else if (told.len > 0)
            is_added = data_objects_add(capabilities, tags[i], told);
    }
    return is_added ? HR_OK : HR_OUTOFMEMORY;
}

scm_result card_capabilities(struct card_files *files, struct secret_bytes *capabilities,
                             struct card_fault *fault)
{
    struct secret_bytes parameters = secret_bytes_from(&system_memory);
    struct card_path path = files->current_file;

    scm_result result = read_parameters(files, &path, &parameters, fault);
    if (!result_failed(result) &&
        !copy_objects(bytes_of(parameters.data, parameters.len), tells_ability, capabilities))
        result = HR_OUTOFMEMORY;
    secret_bytes_free(&parameters);
    return result_failed(result) ? result : add_card_capabilities(files, capabilities);
}
