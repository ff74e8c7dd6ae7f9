#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bool(mote_fail)(mote_error *error, mote_code code, const char *format, ...)
{
    if (!error)
        return false;
    error->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return false;
}
