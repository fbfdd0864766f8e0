#!/usr/bin/env python3
"""sbom.py PROGRAM: what the program is made of, as a CycloneDX 1.5 document (JSON) on standard output.

Nothing is listed by hand: the shared libraries are those that the loader finds, the libraries of headers those whose
files the compiler read (ninja's record beside PROGRAM), the packages of npm those whose files are embedded. Versions
and licences are what Debian's packages and npm's lock file say. SOURCE_DATE_EPOCH: the document's time."""

import argparse
import base64
import datetime
import json
import os
import re
import subprocess
import sys
import urllib.parse
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Debian's short names (the format of debian/copyright) that SPDX spells otherwise.
SPDX = {"Expat": "MIT", "BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause", "BSL-1": "BSL-1.0",
        "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later", "GPL-3": "GPL-3.0-only", "GPL-3+": "GPL-3.0-or-later",
        "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1": "LGPL-2.1-only", "LGPL-2.1+": "LGPL-2.1-or-later",
        "LGPL-3+": "LGPL-3.0-or-later", "zlib": "Zlib", "ISC": "ISC", "Apache-2.0": "Apache-2.0", "curl": "curl",
        "OpenLDAP-2.8": "OLDAP-2.8", "0BSD": "0BSD", "Artistic": "Artistic-1.0"}
SYSTEM_HEADERS = {"libc6-dev", "linux-libc-dev", "libcrypt-dev"}  # declarations of the system itself


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def shared_libraries(program):
    """Paths, as the loader finds them: those that the program names, and those that these need."""
    return sorted({str(Path(path).resolve()) for path in re.findall(r"=> (/\S+)", run("ldd", str(program)))})


def needed_directly(program):
    return set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", str(program))))


def headers(program):
    """Paths below /usr/include that the compiler read for the objects of the program."""
    build = program.parent
    inputs = set(run("ninja", "-C", str(build), "-t", "inputs", program.name).split())
    found, wanted = set(), False
    for line in run("ninja", "-C", str(build), "-t", "deps").splitlines():
        if line.startswith("    "):
            path = line.strip()
            if wanted and path.startswith("/usr/include/"):
                found.add(str(Path(path).resolve()))
        elif line:
            wanted = line.split(":")[0] in inputs
    return sorted(found)


def packages_of(paths):
    """{package: one of the paths}, as dpkg knows them; a path that is nobody's is an error."""
    owners, left = {}, set(paths)
    for each in (paths, [path.removeprefix("/usr") for path in paths if path.startswith("/usr/lib")]):
        if not each:
            continue
        found = subprocess.run(["dpkg", "-S", *each], capture_output=True, text=True, check=False).stdout
        for line in found.splitlines():
            names, _, path = line.rpartition(": ")
            for candidate in (path, "/usr" + path):
                if names and not names.startswith("diversion ") and candidate in left:
                    left.discard(candidate)
                    owners.setdefault(names.split(",")[0].split(":")[0], candidate)
    if left:
        sys.exit(f"sbom: no package has {sorted(left)[0]}")
    return owners


def licences(package):
    """CycloneDX's `licenses`, from debian/copyright where that is in the format for machines."""
    text = (Path("/usr/share/doc") / package / "copyright").read_text(errors="replace")
    files = [part for part in re.split(r"\n\s*\n", text) if re.search(r"^Files:", part, re.M)
             and not re.search(r"^Files:\s*debian/", part, re.M)]
    names = [name for part in files for name in re.findall(r"^License:[ \t]*(\S[^\n]*)", part, re.M)]
    names = list(dict.fromkeys(SPDX.get(name, " ".join(name.split())) for name in names))
    if not names:
        return [{"license": {"name": f"see /usr/share/doc/{package}/copyright"}}]
    return [{"license": {"id" if name in SPDX.values() else "name": name}} for name in names]


def debian_component(package, how):
    shown = "${Version}\n${Architecture}\n${source:Package}\n${source:Version}\n"
    version, architecture, source, source_version = run("dpkg-query", "-W", "-f", shown, package).split("\n")[:4]
    quoted = urllib.parse.quote(package), urllib.parse.quote(version)
    purl = "pkg:deb/debian/{}@{}?arch={}&distro=debian-12".format(*quoted, architecture)
    return {"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl,
            "licenses": licences(package),
            "properties": [{"name": "linkage", "value": how},
                           {"name": "source", "value": f"{source} {source_version}"}]}


def npm_components(program):
    """Of the packages whose files are embedded: src/web lists the files."""
    embedded = (program.parent / "src/web/generated/files.txt").read_text()
    lock = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    for name in sorted(set(re.findall(r"/node_modules/((?:@[^/]+/)?[^/]+)/", embedded))):
        entry = lock[f"node_modules/{name}"]
        algorithm, digest = entry["integrity"].split("-", 1)
        purl = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
        yield {"type": "library", "bom-ref": purl, "name": name, "version": entry["version"], "purl": purl,
               "licenses": [{"license": {"id": entry["license"]}}],
               "hashes": [{"alg": {"sha512": "SHA-512"}[algorithm], "content": base64.b64decode(digest).hex()}],
               "properties": [{"name": "linkage", "value": "embedded"}]}


def source_of(component):
    return next(each["value"].split()[0] for each in component["properties"] if each["name"] == "source")


def document(program):
    version = run(str(program), "--version").split()[1]
    paths = shared_libraries(program)
    names = needed_directly(program)
    direct = packages_of([path for path in paths if any(Path(path).name.startswith(name) for name in names)])
    libraries = [debian_component(package, "shared" if package in direct else "shared, by another library")
                 for package in sorted(packages_of(paths))]
    sources = {source_of(component) for component in libraries}
    compiled = [debian_component(package, "headers")
                for package in sorted(packages_of(headers(program))) if package not in SYSTEM_HEADERS]
    compiled = [component for component in compiled if source_of(component) not in sources]
    components = [*libraries, *compiled, *npm_components(program)]
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp())
    root = f"pkg:generic/temperature-service@{version}"
    made = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": root, "name": "temperature-service", "version": version,
                          "purl": root, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [component["bom-ref"] for component in components if not any(
            each["value"] == "shared, by another library" for each in component["properties"])]}]}
    made["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(made, sort_keys=True)))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=lambda text: Path(text).resolve())
    print(json.dumps(document(parser.parse_args().program), indent=1))


if __name__ == "__main__":
    main()
