/*
 * listing_limits - how far "ls -r" follows directories, and where it stopped.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#include "tool/listing_limits.h"

#include <stdio.h>

bool listing_limits_follow(struct listing_limits *limits, unsigned depth)
{
    bool is_too_deep = depth > LISTING_DEPTH_MAX;

    if (!is_too_deep && limits->directories < LISTING_DIRECTORIES_MAX)
    {
        limits->directories++;
        return true;
    }
    if (limits->left_out++ == 0) limits->is_too_deep = is_too_deep;
    return false;
}

void listing_limits_name(struct listing_limits *limits, const char *parent, const char *element)
{
    if (limits->left_out == 1)
        snprintf(limits->where, sizeof(limits->where), "%s\\%s", parent, element);
}

void listing_limits_text(const struct listing_limits *limits, char *text, size_t capacity)
{
    char why[64];

    text[0] = 0;
    if (limits->left_out == 0) return;
    if (limits->is_too_deep)
        snprintf(why, sizeof(why), "more than %d directories deep", LISTING_DEPTH_MAX);
    else
        snprintf(why, sizeof(why), "after %d directories", LISTING_DIRECTORIES_MAX);
    snprintf(text, capacity, "not all is listed: stopped at %s, %s; %u director%s left out",
             limits->where, why, limits->left_out, limits->left_out == 1 ? "y was" : "ies were");
}
