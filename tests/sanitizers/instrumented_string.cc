// std::string compiled for ThreadSanitizer, linked into each program of the tsan build.
//
// RocksDB calls the std::string of libstdc++.so, which is not compiled for it, so that the stack of such
// a call ends there and the suppression for librocksdb.so (tsan.supp) does not fit. The dynamic linker
// takes this one instead, for RocksDB too: the stack is whole, and our own strings are watched better.
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
#include <string>

template class std::basic_string<char>;
