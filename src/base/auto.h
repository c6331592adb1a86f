/* auto.h - close a handle when its variable leaves scope.
 *
 *     AUTO(file_close) struct file file = FILE_NONE;
 *
 * The close function takes a pointer to the variable and accepts an empty handle.
 */
#pragma once

#define AUTO(fn) __attribute__((cleanup(fn)))
