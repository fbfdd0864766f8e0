// Holds the precompiled headers that house.cmake lists; has nothing of its own.
