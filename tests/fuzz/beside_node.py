#!/usr/bin/env python3
"""beside_node.py PROGRAM CORPUS: the bytes of each file, read by a session (PROGRAM, which replays http's session_fuzz)
and by node's HTTP parser. Both read as many requests with the same methods and bodies and refuse to go on alike, or
DIFFERENCES says why not. Needs no network; no service runs."""

import json
import os
import pathlib
import re
import subprocess
import sys

NODE_READS = pathlib.Path(__file__).with_name("node_reads.mjs")
NODE_OF_DIFFERENCES = 20  # rows that no longer differ are told of this version alone
# Of node before that: Debian 12 has 18, whose parser is laxer. That the session is stricter needs no reason beside it.
MORE_THAN_OLDER = {"method_query"}  # it knows no QUERY yet
# Node ends here without an error: it asks for nothing more behind the last request.
ENDED = {None, "HPE_CLOSED_CONNECTION", "upgraded"}

FEWER, MORE, REFUSED, OTHERWISE = "fewer", "more", "as many, and refuses", "as many, and does not refuse"
DIFFERENCES = {
    # Where the session is stricter: what may be read in two ways ends the connection.
    "chunk_size_many_zeros": (FEWER, "a size has up to 16 digits: RFC 9112, 7.1, wants a bound"),
    "coding_after_gzip": (FEWER, "a coding that is not known is refused (RFC 9112, 6.1); node hands on what is coded"),
    "coding_after_identity": (FEWER, "identity is no transfer coding any more (RFC 9112, 7)"),
    "coding_comma_before": (FEWER, "a list is refused, whatever is in it, unless it is \"chunked\" alone"),
    "coding_empty": (FEWER, "a coding without a name is none (RFC 9112, 6.1)"),
    "coding_twice_gzip_first": (FEWER, "the field stands once: a proxy may look at either"),
    "cr_before": (FEWER, "CR alone ends no line (RFC 9112, 2.2)"),
    "host_twice": (FEWER, "RFC 9112, 3.2: a server must refuse it"),
    "host_empty": (FEWER, "it names no host (RFC 9112, 3.2)"),
    "host_list": (FEWER, "it names no host (RFC 9112, 3.2)"),
    "http09": (FEWER, "HTTP/0.9 is not HTTP/1.1 (RFC 9112, A)"),
    "http10_chunked": (FEWER, "HTTP/1.0 has no transfer codings (RFC 9112, 6.1)"),
    "http20": (FEWER, "its major version is not the server's (RFC 9110, 6.2)"),
    "line_ends_seventeen": (FEWER, "empty lines before a request have a bound"),
    "method_connect": (FEWER, "CONNECT asks a proxy"),
    "target_escape_broken": (FEWER, "% without two digits is no target (RFC 3986, 2.1)"),
    "target_two_blanks": (FEWER, "one blank separates (RFC 9112, 3)"),
    "length_huge": (REFUSED, "the length is over the limit; node waits for its bytes"),
    "chunk_size_huge": (REFUSED, "the size is over the limit; node waits for its bytes"),
    # What is read is not all that matters: who is refused is told before the body, and then nothing is read.
    "credential_refused_chunked": (FEWER, "the credential is refused before a body without a known end"),
    "credential_refused_expect": (FEWER, "the credential is refused instead of asking for the body (RFC 9110, 10.1.1)"),
    "length_none_needed": (FEWER, "a write without a body has lost it"),
    "http10_pieces": (FEWER, "the end of such a body is that of the connection (RFC 9112, 6.3)"),
    "pieces_broken": (FEWER, "an answer that breaks off ends the connection, so that nobody takes it for whole"),
    # Where the session reads more: the standard says so, and both find the same ends.
    "chunk_extension_8_bit": (MORE, "what is said in extensions is passed over (RFC 9112, 7.1.1), to CRLF"),
    "chunk_extension_blanks": (MORE, "blanks around \";\" and \"=\" are bad, and have to be taken (RFC 9112, 7.1.1)"),
    "chunk_extension_empty": (MORE, "what is said in extensions is passed over (RFC 9112, 7.1.1), to CRLF"),
    "chunk_size_blank": (MORE, "senders pad sizes, with what RFC 9112, 7.1.1, has taken before \";\"; nginx takes it"),
    "chunk_size_tab": (MORE, "as a blank"),
    "chunk_trailer_coding": (MORE, "fields behind the chunks say nothing (RFC 9110, 6.5.1), as with others of them"),
    "chunk_trailer_length": (MORE, "fields behind the chunks say nothing (RFC 9110, 6.5.1), as with others of them"),
    "length_blanks": (MORE, "a tab is a blank around a value (RFC 9110, 5.6.3)"),
    "length_short": (MORE, "the next method is one that nobody knows, and so refused by itself (RFC 9110, 9.1)"),
    "method_lower_case": (MORE, "a method that nobody knows is a request all the same (RFC 9110, 9.1): 405"),
    "method_unknown": (MORE, "a method that nobody knows is a request all the same (RFC 9110, 9.1): 405"),
    "target_8_bit": (MORE, "senders write names in UTF-8 as they are; RFC 9112, 3.2, lets a server take it"),
    "upgrade": (MORE, "a server may ignore Upgrade (RFC 9110, 7.8); node reads nothing behind it"),
    "upgrade_h2c_body": (MORE, "a server may ignore Upgrade (RFC 9110, 7.8); node reads nothing behind it"),
}


def output(command, **environment):
    ran = subprocess.run(command, env=dict(os.environ, **environment), capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr[-4000:]}")
    return ran


def outcome_of_session(answers):
    """The methods and bodies of the requests that were read, None where no door tells; and whether it then refused."""
    refused = bool(answers) and answers[-1]["closes"] and "method" not in answers[-1]
    read = answers[:-1] if refused else answers
    return [(answer["method"], answer["body"]) if "method" in answer else None for answer in read], refused


def sessions(program, corpus):
    """By the name of the file; what requests are made from is left out."""
    shown = output([program, str(corpus)], SHOW_REQUESTS="1").stderr
    found = {}
    for line in shown.splitlines():
        if line.startswith("["):
            found[name] = outcome_of_session(json.loads(line))
        else:
            name = pathlib.Path(line).name
    return found


def parsers_of_node(files):
    shown = output(["node", str(NODE_READS), *map(str, files)]).stdout
    found = {}
    for file, line in zip(files, shown.splitlines(), strict=True):
        read = json.loads(line)
        found[file.name] = ([(request["method"], request["body"]) for request in read["requests"]],
                            read["stopped"] not in ENDED)
    return found


def difference(ours, theirs):
    """What the session does beside node; None: the same."""
    (read, refused), (read_by_node, refused_by_node) = ours, theirs
    for one, other in zip(read, read_by_node):
        if one is not None and one != other:
            return f"{one}, not {other}"
    if len(read) != len(read_by_node):
        return FEWER if len(read) < len(read_by_node) else MORE
    if refused != refused_by_node:
        return REFUSED if refused else OTHERWISE
    return None


def main():
    program, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    ours = sessions(program, corpus)
    assert len(ours) > 100, ours
    theirs = parsers_of_node([corpus / name for name in sorted(ours)])
    version = int(re.match(r"v(\d+)", output(["node", "--version"]).stdout)[1])
    wrong = []
    for name in sorted(ours):
        found = difference(ours[name], theirs[name])
        wanted, reason = DIFFERENCES.get(name, (None, ""))
        if version < NODE_OF_DIFFERENCES and (found in (FEWER, REFUSED) or name in MORE_THAN_OLDER):
            continue
        if found != wanted and (found is not None or version == NODE_OF_DIFFERENCES):
            wrong.append(f"{name}: the session reads {found or 'the same'}, not {wanted or 'the same'} {reason}\n"
                         f"  session {ours[name]}\n  node    {theirs[name]}")
    wrong += [f"{name}: no such file" for name in DIFFERENCES.keys() - ours.keys()]
    print(*wrong, f"{len(ours)} files, {len(DIFFERENCES)} differences with a reason, {len(wrong)} without", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
