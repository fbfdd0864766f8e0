# Builds for arm64 on another machine, with Debian's crossbuild-essential-arm64 and the libraries' :arm64 packages:
# the preset "arm64" names it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
# Programs are this machine's own. Libraries stand beside its own, in folders that are named for the architecture.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
