/* Loaded into the program before its libraries: from the moment when the file $FAULT_WHEN is there, the next look at the
   free space of the disk writes to address 0, or uses up its thread's stack where $FAULT_KIND is "stack". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int call_deeper(const volatile char* above) {
  volatile char page[4096];
  page[0] = above == NULL ? 0 : above[0];
  return call_deeper(page) + page[0];
}

int statvfs(const char* path, struct statvfs* disk) {
  const char* when = getenv("FAULT_WHEN");
  if (when != NULL && access(when, F_OK) == 0) {
    const char* kind = getenv("FAULT_KIND");
    if (kind != NULL && strcmp(kind, "stack") == 0) return call_deeper(NULL);
    *(volatile int*)NULL = 1;
  }
  int (*next)(const char*, struct statvfs*) = (int (*)(const char*, struct statvfs*))dlsym(RTLD_NEXT, "statvfs");
  return next(path, disk);
}
