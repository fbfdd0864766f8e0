# The image of temperature-service: its program, the shared libraries that it needs, and nothing else. docs/docker.md.
#   docker build --tag temperature-service .
#   docker buildx build --platform linux/arm64 --tag temperature-service:arm64 .
# The classic builder and BuildKit take it alike. For another architecture it has to be BuildKit, which sets
# BUILDPLATFORM and TARGETARCH: the build stage runs on the machine's own architecture ("linux" is the same for the
# classic builder) and compiles for the other, so no emulator is needed.

# Debian's packages: to build, and for the other architecture those of the libraries.
FROM --platform=${BUILDPLATFORM:-linux} debian:bookworm-slim AS packages
ARG TARGETARCH
COPY scripts/setup /source/scripts/
RUN if [ "$TARGETARCH" = arm64 ] && [ "$(dpkg --print-architecture)" != arm64 ]; then \
      /source/scripts/setup cross-arm64; \
    else \
      /source/scripts/setup run; \
    fi && rm -rf /var/lib/apt/lists/*

FROM packages AS build
ARG TARGETARCH
WORKDIR /source
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY scripts/build scripts/image-root scripts/
COPY web web
COPY src src
RUN if [ "$TARGETARCH" = arm64 ] && [ "$(dpkg --print-architecture)" != arm64 ]; then \
      preset=arm64 triplet=aarch64-linux-gnu; \
    else \
      preset=release triplet=$(gcc -dumpmachine); \
    fi && \
    scripts/build "$preset" temperature-service && \
    scripts/image-root "build/$preset/temperature-service" /image /symbols "$triplet" && \
    mkdir -p /volumes/data /volumes/backups

# `docker build --target symbols --output . .` (BuildKit): what turns addresses of a crash into lines.
FROM scratch AS symbols
COPY --from=build /symbols/ /

FROM scratch
COPY --from=build /image/ /
COPY --from=build --chown=10001:10001 /volumes/ /
ENV TEMPERATURE_LISTEN=0.0.0.0:8000 TEMPERATURE_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/temperature-service", "health"]
ENTRYPOINT ["/usr/bin/temperature-service"]
CMD ["serve"]
ARG VERSION=
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="temperature-service" \
      org.opencontainers.image.description="Rolling averages of rooms: exact, durable, fast" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
