# shellcheck shell=bash
# For docker-test and pod-test: a Docker of their own. Debian's docker.io is unpacked, not installed; dockerd has its
# own socket and folders. Sourced from the top of the checkout, by root.
#   $folder: where all of it is; set before, as is fail().

: "${folder:?}"
export PATH="$folder/tools/usr/bin:$folder/tools/usr/sbin:$folder/tools/usr/libexec/docker/cli-plugins:$PATH"
export DOCKER_HOST="unix://$folder/docker.sock"
export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0}
daemon=""

say() { printf '\n== %s\n' "$*"; }

# The packages NAME... of the system's Debian, or of the release in $release, unpacked below tools.
unpack() {
  local packages=$folder/packages options=()
  mkdir -p "$packages"
  if [ -n "${release:-}" ]; then
    local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg
    # shellcheck disable=SC2016 # apt's own variables
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | sed -n 's/ bookworm$//p' | head -1)
    mkdir -p "$folder/lists/partial"
    echo "deb [signed-by=$key] $mirror $release main" >"$folder/sources.list"
    options=(-o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=-
      -o Dir::State::Lists="$folder/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  fi
  (cd "$packages" && apt-get -qq "${options[@]}" update && apt-get -qq -o APT::Sandbox::User=root "${options[@]}" \
    download "$@")
  local package
  for package in "$packages"/*.deb; do
    dpkg --extract "$package" "$folder/tools"
    rm "$package"
  done
}

# As debian:bookworm-slim is, with this machine's sources and with the certificates that it trusts, so that the build
# reaches what this machine reaches.
make_base() {
  timeout 60 docker pull --quiet debian:bookworm-slim && return
  local base=$folder/base mirror
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' | sed -n 's/ bookworm$//p' | head -1)
  rm -rf "$base"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$base" "$mirror" >"$folder/debootstrap.log"
  cp /etc/ssl/certs/ca-certificates.crt "$base/usr/local/share/ca-certificates/of-the-machine.crt"
  chroot "$base" update-ca-certificates >/dev/null 2>&1
  rm -rf "$base"/var/cache/apt/archives/*.deb "$base"/var/lib/apt/lists/*
  if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$base/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$base/etc/apt/sources.list.d/"
  fi
  tar -C "$base" -c . | docker import - debian:bookworm-slim
  rm -rf "$base"
}

# Until stop_docker.
start_docker() {
  [ -x "$folder/tools/usr/sbin/dockerd" ] || unpack docker.io containerd runc
  dockerd --data-root "$folder/docker" --exec-root "$folder/exec" --host "$DOCKER_HOST" \
    --pidfile "$folder/dockerd.pid" --iptables=false --ip-masq=false --bridge=none >"$folder/dockerd.log" 2>&1 &
  daemon=$!
  until docker version >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null || { tail -20 "$folder/dockerd.log" && fail "dockerd does not start"; }
    sleep 0.2
  done
  docker version --format 'docker {{.Server.Version}}, {{.Server.Arch}}'
}

stop_docker() {
  # shellcheck disable=SC2046 # a name a word
  docker rm --force --volumes $(docker ps --all --quiet) >/dev/null 2>&1 || true
  docker network rm temperature-service >/dev/null 2>&1 || true
  kill "$daemon" || true
  wait "$daemon" || true
}

build() { # TAG REVISION [ARGUMENTS of docker build...]
  local tag=$1 revision=$2
  shift 2
  docker image inspect debian:bookworm-slim >/dev/null 2>&1 || make_base
  docker build --network host --tag "temperature-service:$tag" --build-arg VERSION=0.1.0 \
    --build-arg REVISION="$revision" "$@" . >"$folder/build-$tag.log" 2>&1 ||
    { tail -30 "$folder/build-$tag.log" && return 1; }
}
