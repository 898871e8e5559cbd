/*
 * listing_limits - how far "ls -r" follows directories, and where it stopped.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_LISTING_LIMITS_H
#define SCM_TOOL_LISTING_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/** Directories that are listed, of a card where every identifier is one. */
#define LISTING_DIRECTORIES_MAX 4096
/** How far below the first directory, which is 0. */
#define LISTING_DEPTH_MAX 16

/** What one listing has followed; all zero is a new one. */
struct listing_limits
{
    unsigned directories;
    unsigned left_out; /**< directories that were not followed */
    bool is_too_deep;  /**< the first of them: else there were too many */
    char where[1024];  /**< the first of them: its path, perhaps cut off */
};

/**
 * Whether one more directory is followed; where not, that is noted.
 *
 * @param[in] depth of the directory.
 */
bool listing_limits_follow(struct listing_limits *limits, unsigned depth);

/** Names the directory that listing_limits_follow() has refused; only the first is kept. */
void listing_limits_name(struct listing_limits *limits, const char *parent, const char *element);

/**
 * Says in one sentence where the listing stopped.
 *
 * @param[out] text `capacity` characters; "" where nothing was left out.
 */
void listing_limits_text(const struct listing_limits *limits, char *text, size_t capacity);

#endif
