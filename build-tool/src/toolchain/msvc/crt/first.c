/* The beginning of the table of constructors that mingw's compilers fill. Sections
   of one name keep the order of the link line, so this object goes first on it. */
#include "startup.h"

SECTION(".ctors") Initializer ctors_begin[] = {0};
