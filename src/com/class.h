/*
 * class - what is the same for all objects of a class, as constant data: its names, where its type
 *         library is, what that library cannot say.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_CLASS_H
#define SCM_COM_CLASS_H

#include <stdbool.h>
#include <windows.h>
#include <objbase.h>
#include <oaidl.h>

struct com_object;

/** A name that older programs call a member by. */
struct com_older_name
{
    const WCHAR *name; /**< NULL ends a list */
    DISPID dispid;
};

/** The type libraries in our resources. */
enum com_library
{
    COM_LIBRARY_SCARDMANAGE,
    COM_LIBRARY_SCARDSSP,
    COM_LIBRARY_COUNT,
};

/** A call by IDispatch that has just been made. */
struct invoked_member
{
    DISPID dispid;
    const VARIANTARG *arguments; /**< in the order of the parameters, as they were passed */
};

/**
 * A parameter that points to bytes which another parameter counts: what a type library cannot say.
 * Scripts give and get them as arrays or texts; see dispatch_invoke().
 */
struct com_counted_bytes
{
    DISPID dispid;
    UINT bytes; /**< position of the pointer, from 0 */
    UINT count; /**< position of the count, a LONG */
    bool comes_out;
    UINT got; /**< where they come out: position of the LONG * that counts them */
};

/**
 * A parameter that may be left out although our type library does not say so: the original's gives it
 * a default of NULL, and the compiler of ours cannot write one for an array.
 */
struct com_optional_parameter
{
    DISPID dispid;
    UINT position; /**< from 0 */
};

/**
 * A parameter that points to structs, or to such a pointer: what scripts give and get in its place. A
 * class has these or com_class::give_script for its members, not both.
 */
struct com_script_structs
{
    DISPID dispid;
    UINT position; /**< from 0 */
    UINT
        count; /**< position of the LONG, or LONG *, that counts them; `position` where none does */
    /**
     * Makes what a script gives into structs.
     *
     * @param[in] given no reference.
     * @param[out] memory NULL, with S_OK, where nothing is given: the method gets NULL.
     */
    HRESULT (*take)(VARIANT *given, void **memory, LONG *count);
    /** Makes structs into what a script gets; NULL where none come out. */
    HRESULT (*give)(const void *memory, LONG count, VARIANT *value);
    void (*free_taken)(void *memory, LONG count); /**< what take() made */
    void (*free_given)(void *memory, LONG count); /**< what a method made; NULL where none does */
};

/** What is the same for all objects of a class. */
struct com_class
{
    enum com_library library; /**< where class and interface are described */
    const CLSID *clsid;
    const IID *iid;             /**< of the one dual interface */
    const char *interface_name; /**< for traces and descriptions */
    const WCHAR *prog_id;       /**< source of errors */
    /**
     * Makes memory that a member gave (a parameter with two pointers to anything but an object or a
     * text) into what a script can have, and frees it, failing or not. NULL where no member does.
     *
     * @param[in] memory not NULL.
     * @param[out] value VT_EMPTY on failure.
     */
    HRESULT (*give_script)(const struct invoked_member *member, void *memory, VARIANT *value);
    const struct com_older_name *older_names;
    const struct com_counted_bytes *counted_bytes;
    size_t counted_bytes_count;
    const struct com_script_structs *script_structs;
    size_t script_structs_count;
    const struct com_optional_parameter *optional_parameters;
    size_t optional_parameters_count;
    void (*destroy)(struct com_object *object); /**< frees state and memory */
};

#endif
