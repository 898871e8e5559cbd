/*
 * memory - what is remembered of one card's file system.
 * Layer: card/files (calls link; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/files/memory.h"

#include <stdatomic.h>

#include "base/invariant.h"
#include "system/memory.h"

/* Handles fit every client's LONG. */
#define HANDLE_MASK 0x7FFFFFFFu

static atomic_uint last_handle;

struct card_files *card_files_create(const struct pcsc_port *port, pcsc_card card,
                                     const struct pcsc_status *status)
{
    struct card_files *files = memory_alloc(sizeof(*files));
    if (!files) return NULL;
    files->link = card_link_create(port, card, status);
    if (!files->link)
    {
        memory_free(files);
        return NULL;
    }
    files->current_dir.is_absolute = true;
    files->left_in.is_absolute = true;
    files->current_file.is_absolute = true;
    return files;
}

void card_files_destroy(struct card_files *files)
{
    if (!files) return;
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        memory_free(files->open[i]);
    card_link_destroy(files->link);
    memory_free(files);
}

bool card_files_take_over(struct card_files *files, pcsc_card card,
                          const struct pcsc_status *status)
{
    struct card_link *link = files->link;
    if (!bytes_equal(bytes_of(link->atr_bytes, link->atr_len),
                     bytes_of(status->atr, status->atr_len)))
        return false;
    card_link_set_channel(link, NULL);
    files->left_in.count = files->below.count = 0;
    files->is_place_lost = false;
    link->card = card;
    link->protocol = status->protocol;
    /* A card of the same make may have other PINs. */
    files->passwords.was_asked = false;
    files->passwords.count = 0;
    card_files_distrust(files);
    return true;
}

void card_files_distrust(struct card_files *files)
{
    files->selection.is_doubted = true;
    files->made_dir.is_known = false;
}

const struct card_selection *card_files_selection(const struct card_files *files)
{
    static const struct card_selection unknown = { .is_known = false };
    const struct card_selection *selection = &files->selection;
    bool is_disturbed = files->disturbances_seen != files->link->disturbances;
    bool is_proven =
        card_link_channel_proves(files->link) && selection->channel == files->link->channel_number;

    return is_disturbed || (selection->is_doubted && !is_proven) ? &unknown : selection;
}

void card_files_note_selection(struct card_files *files, const struct card_path *path, size_t count,
                               enum fcp_kind kind)
{
    INVARIANT(count <= path->count, "what is selected is a beginning of the path");
    files->selection = (struct card_selection){ .is_known = true, .kind = kind, .path = *path };
    files->selection.path.count = (uint8_t)count;
    if (files->link->is_secure && files->link->channel)
        files->selection.channel = files->link->channel_number;
    files->disturbances_seen = files->link->disturbances;
    if (count == 0) files->selection.kind = FCP_KIND_DF;
    card_files_note_kind(files, files->selection.kind);
}

void card_files_note_kind(struct card_files *files, enum fcp_kind kind)
{
    struct card_selection *selection = &files->selection;

    selection->kind = kind;
    if (kind != FCP_KIND_UNKNOWN) selection->is_ef = kind != FCP_KIND_DF;
    if (kind == FCP_KIND_DF)
        files->left_in = selection->path;
    else if (selection->is_ef)
        files->left_in = card_path_parent(&selection->path);
    if (kind == FCP_KIND_DF || selection->is_ef) files->is_place_lost = false;
}

void card_files_forget_selection(struct card_files *files)
{
    files->selection.is_known = false;
}

void card_files_lose_place(struct card_files *files)
{
    card_files_forget_selection(files);
    files->is_place_lost = true;
}

struct card_file *card_files_find(struct card_files *files, uint64_t handle)
{
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        if (files->open[i] && files->open[i]->handle == handle) return files->open[i];
    return NULL;
}

scm_result card_files_add(struct card_files *files, const struct card_path *path,
                          struct card_file **file)
{
    *file = NULL;
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
    {
        if (files->open[i]) continue;
        *file = files->open[i] = memory_alloc(sizeof(**file));
        if (!*file) return HR_OUTOFMEMORY;
        (*file)->path = *path;
        do
            (*file)->handle = (atomic_fetch_add(&last_handle, 1) + 1) & HANDLE_MASK;
        while ((*file)->handle == 0);
        return HR_OK;
    }
    return HR_OUTOFMEMORY;
}

void card_files_close(struct card_files *files, struct card_file *file)
{
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        if (files->open[i] == file) files->open[i] = NULL;
    memory_free(file);
}

void card_file_learn(struct card_file *file, const struct fcp *fcp)
{
    if (fcp->kind == FCP_KIND_UNKNOWN && !fcp->has_size) return;
    if (fcp->kind != FCP_KIND_UNKNOWN)
    {
        file->kind = fcp->kind;
        file->is_kind_sure = true;
    }
    else if (file->kind == FCP_KIND_UNKNOWN)
        file->kind = FCP_KIND_TRANSPARENT;
    file->write = fcp->write;
    /* Some cards say 0 of every file. */
    file->has_size = fcp->has_size && fcp->size > 0;
    file->size = fcp->size;
    file->record_len = fcp->record_len;
    file->record_count = fcp->record_count;
}

void card_files_note_made(struct card_files *files, const struct card_path *path, bool is_new_dir)
{
    struct card_made_dir *made = &files->made_dir;
    if (is_new_dir)
        *made = (struct card_made_dir){ .is_known = true, .path = *path };
    else if (card_path_is_below(path, &made->path))
        made->file_count++;
    else
        made->is_known = false;
}

void card_files_note_deleted(struct card_files *files, const struct card_path *path)
{
    struct card_made_dir *made = &files->made_dir;
    files->below.count = 0;
    if (card_path_begins_with(&made->path, path)) made->is_known = false;
    if (card_path_is_below(path, &made->path) && made->file_count > 0) made->file_count--;
}
