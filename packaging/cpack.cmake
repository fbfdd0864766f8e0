# What CPack makes the package from. scripts/deb lays it out and says where by PACKAGE_..., of the environment.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME temperature-service)
set(CPACK_PACKAGE_VERSION $ENV{PACKAGE_VERSION})
set(CPACK_PACKAGE_VENDOR temperature-service)
set(CPACK_PACKAGE_CONTACT "$ENV{PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "rolling averages of rooms, exact, durable and fast")
set(CPACK_PACKAGE_DIRECTORY $ENV{PACKAGE_OUT})
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_INSTALLED_DIRECTORIES "$ENV{PACKAGE_STAGED};/")
set(CPACK_PACKAGE_FILE_NAME temperature-service)
set(CPACK_STRIP_FILES OFF)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE $ENV{PACKAGE_REVISION})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# What it is linked with, dpkg-shlibdeps finds.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# tzdata: local times of data loggers. adduser, debconf: the package's scripts.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, debconf (>= 0.5) | debconf-2.0, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_PACKAGE_DESCRIPTION
"Sensors in rooms send readings over HTTP; people and programs ask for a room's
rolling average, its readings and its past. What was acknowledged is kept, and
an average is exact, whatever the order in which readings came. The storage is
inside: one service, one folder.")
foreach(file postinst prerm postrm templates conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA $ENV{PACKAGE_CONTROL}/${file})
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What crash reports are resolved with.
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
