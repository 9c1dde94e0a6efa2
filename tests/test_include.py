"""Includes as BIND does them: spliced tokens, globs read last file first, paths that change their meaning."""

from __future__ import annotations

import posixpath
import re
import subprocess
from pathlib import Path

import pytest

from named_audit.host import LocalHost, MemoryHost
from named_audit.release import parse_release
from named_audit.syntax.lexer import MAX_INCLUDE_DEPTH
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import read_tree
from named_audit.syntax.tree import Statement, Tree
from tests.audit_cli import CLEAN, FINDINGS, check, rules_found

ROOT_PATH = "/etc/bind/named.conf"
MISSING = (
    "nothing is there. If it lies elsewhere here, say where with --map or --sysroot; if it is not kept here, "
    "declare it under `external` in the settings"
)


def read(files: dict[str, str], root: str = ROOT_PATH, cwd: str = "/", **options: object) -> Tree:
    """The tree of a root among files that are only in memory."""
    host = MemoryHost({path: text.encode() for path, text in files.items()}, cwd=cwd)
    return read_tree(root, host, ReadOptions(**options))  # type: ignore[arg-type]


def problems(tree: Tree) -> list[tuple[str, int, int, str]]:
    """What is wrong: path, line, column, message."""
    found = []
    for problem in tree.problems:
        assert problem.span is not None
        found.append((problem.path, *problem.span.begin, problem.message))
    return found


def heads(tree: Tree, *names: str) -> list[str]:
    """The statements of these names anywhere in the tree, as "name argument", in the order of reading."""
    found: list[str] = []

    def walk(statements: tuple[Statement, ...]) -> None:
        for statement in statements:
            if statement.name in names:
                found.append(f"{statement.name} {statement.head[1].value}")
            walk(statement.children)

    walk(tree.statements)
    return found


def write(folder: Path, files: dict[str, str]) -> None:
    """Put files into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def checkconf(folder: Path, *names: str) -> tuple[bool, list[str]]:
    """Whether named-checkconf, run in the folder, takes named.conf; what `-p` prints, as `heads` does."""
    ran = subprocess.run(
        ["named-checkconf", "-p", "named.conf"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    printed = re.findall(rf'^\t*({"|".join(names)}) "?([^" {{;]+)', ran.stdout, re.MULTILINE)
    return ran.returncode == 0, [f"{name} {value}" for name, value in printed]


ZONE = 'zone "{0}" {{ type primary; file "{0}"; }};\n'

# name -> files. named-checkconf and we read each, and must see the same statements in the same order.
SPLICED = {
    "top level": {"named.conf": 'include "a"; acl z { any; };', "a": "acl a { any; };"},
    "inside a zone": {
        "named.conf": 'zone "n" { include "a"; file "n"; };',
        "a": "type primary; // no line end",
    },
    "inside a view": {
        "named.conf": 'view "v" { include "a"; include "b"; };',
        "a": ZONE.format("one"),
        "b": ZONE.format("two"),
    },
    "inside options": {"named.conf": 'options { include "a"; };', "a": "recursion no;\n# end"},
    "inside a key": {
        "named.conf": 'key k { include "a"; secret "c2VjcmV0"; };',
        "a": "algorithm hmac-sha256;",
    },
    "inside a server": {"named.conf": 'server 192.0.2.1 { include "a"; };', "a": "bogus yes;"},
    "inside logging": {"named.conf": 'logging { include "a"; };', "a": "category default { null; };"},
    "a block that ends in the parent": {
        "named.conf": 'include "a"; }; ' + ZONE.format("z"),
        "a": 'zone "n" { type primary; file "n";',
    },
    "a block that ends in the included file": {
        "named.conf": 'zone "n" { type primary; file "n"; include "a"; ' + ZONE.format("z"),
        "a": " };",
    },
    "a block over three files": {
        "named.conf": 'include "a"; include "b"; }; acl last { any; };',
        "a": 'view "v" { zone "n" {',
        "b": 'type primary; file "n"; }; include "c";',
        "c": ZONE.format("m"),
    },
    "a block whose head is in the included file": {
        "named.conf": 'include "a"; { type primary; file "n"; }; include "b"; { any; }; acl z { any; };',
        "a": 'zone "n"',
        "b": "acl x // and\n",
    },
    "a head over three files": {
        "named.conf": 'include "a"; { algorithm hmac-sha256; secret "c2VjcmV0"; };',
        "a": 'include "b";',
        "b": "key k # the key",
    },
    "a relative path behind options that begins in another file": {
        "named.conf": 'include "o"; { directory "d"; recursion no; }; include "k";',
        "o": "OPTIONS",
        "k": "nonsense",
        "d/k": "acl inside { any; };",
    },
    "a relative path behind a directory that begins in another file": {
        "named.conf": 'options { include "o"; "d"; recursion no; }; include "k";',
        "o": "directory",
        "k": "nonsense",
        "d/k": "acl inside { any; };",
    },
    "the empty device": {"named.conf": 'include "/dev/null"; acl z { any; }; include "//dev/./null";'},
    "an empty file": {
        "named.conf": 'include "a"; include "b"; acl z { any; };',
        "a": "",
        "b": "// nothing\n",
    },
    "a chain": {
        "named.conf": 'include "a"; acl z { any; };',
        "a": 'include "b"; acl a { any; };',
        "b": 'include "c"; acl b { any; };',
        "c": "acl c { any; };",
    },
    "the same file in two zones": {
        "named.conf": 'zone "n" { type primary; file "n"; include "a"; };'
        ' zone "m" { type primary; file "m"; include "a"; };',
        "a": "notify explicit;",
    },
    "the keyword in any case": {
        "named.conf": 'INCLUDE "a"; IncLude"b";',
        "a": "acl a { any; };",
        "b": "acl b { any; };",
    },
    "comments around the path": {"named.conf": 'include /**/"a"//x\n;', "a": "acl a { any; };"},
    "a name that is called include": {"named.conf": 'zone include { type primary; file "x"; };'},
    "a keyword that begins like include": {"named.conf": "acl included { any; };"},
    "a glob, last file first": {
        "named.conf": 'include "v.d/*.conf";',
        **{f"v.d/{name}.conf": f'view "{name}" {{ }};' for name in ("10", "20", "30", "a", "B")},
        "v.d/.hidden.conf": "nonsense",
        "v.d/other": "nonsense",
    },
    "a glob in a folder's name": {
        "named.conf": 'include "?.d/v[0-9].conf"; include "[!ab].d/*";',
        "a.d/v1.conf": "acl a1 { any; };",
        "a.d/v2.conf": "acl a2 { any; };",
        "b.d/v1.conf": "acl b1 { any; };",
        "c.d/x": "acl cx { any; };",
    },
    "a glob with a class": {
        "named.conf": 'include "[[:digit:]]*.conf"; include "[^[:alpha:]0-9[=_=]].conf";',
        "1.conf": "acl one { any; };",
        "2x.conf": "acl two { any; };",
        "x.conf": "nonsense",
        "_.conf": "nonsense",
        "-.conf": "acl dash { any; };",
    },
    "a glob counts bytes": {
        "named.conf": 'include "??.conf";',
        "\N{LATIN SMALL LETTER E WITH ACUTE}.conf": "acl e { any; };",
        "x.conf": "nonsense",
    },
    "a glob whose period is escaped": {
        "named.conf": 'include "\\.h*"; include "[.x]y";',
        ".hidden": "acl h { any; };",
        ".y": "nonsense",
        "xy": "acl xy { any; };",
    },
    "a glob with a caret": {
        "named.conf": 'include "[^a].conf";',
        "a.conf": "nonsense",
        "b.conf": "acl b { any; };",
    },
    "a glob with an escape": {
        "named.conf": 'include "\\*.conf";',
        "*.conf": "acl star { any; };",
        "b.conf": "nonsense",
    },
    "a bracket is a glob": {
        "named.conf": 'include "[x].conf";',
        "x.conf": "acl x { any; };",
        "[x].conf": "acl literal { any; };",
    },
    "an include inside the first of a glob": {
        "named.conf": 'include "v.d/*.conf"; acl last { any; };',
        "v.d/10.conf": "acl ten { any; };",
        "v.d/20.conf": 'include "v.d/inner"; acl twenty { any; };',
        "v.d/inner": "acl inner { any; };",
    },
    "a glob over more files than includes may nest": {
        "named.conf": 'include "v.d/*.conf";',
        **{f"v.d/{n:03}.conf": f"acl a{n} {{ any; }};" for n in range(2 * MAX_INCLUDE_DEPTH)},
        f"v.d/{2 * MAX_INCLUDE_DEPTH:03}.conf": 'include "inner";',
        "inner": "acl inner { any; };",
    },
    "a file of the glob that another one includes": {
        "named.conf": 'include "v.d/*.conf";',
        "v.d/10.conf": "/* nothing that may not stand twice */",
        "v.d/20.conf": 'include "v.d/10.conf"; acl twenty { any; };',
    },
    "a relative path before and after directory": {
        "named.conf": 'include "k"; options { directory "d"; }; include "k"; include "../l";',
        "k": "acl outside { any; };",
        "l": "acl above { any; };",
        "d/k": "acl inside { any; };",
    },
    "directory in an included file": {
        "named.conf": 'options { include "o"; }; include "k";',
        "o": 'recursion no; directory "d";',
        "k": "nonsense",
        "d/k": "acl inside { any; };",
    },
    "directory takes effect inside options": {
        "named.conf": 'options { directory "d"; include "k"; };',
        "k": "nonsense",
        "d/k": "recursion no;",
    },
}
NAMES = ("acl", "zone", "view", "key")


@pytest.mark.bind
@pytest.mark.parametrize("case", SPLICED)
def test_reads_what_bind_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    write(tmp_path, SPLICED[case])
    monkeypatch.chdir(tmp_path)
    accepted, theirs = checkconf(tmp_path, *NAMES)
    assert accepted
    tree = read_tree("named.conf", LocalHost(), ReadOptions(parse_release("9.18")))
    assert problems(tree) == []
    ours = heads(tree, *NAMES)
    # named-checkconf prints kind by kind, and keeps the order in which it read within a kind.
    for name in NAMES:
        assert [head for head in ours if head.startswith(name)] == [
            head for head in theirs if head.startswith(name)
        ]


# name -> files, and our problems: path, line, column, message. named-checkconf refuses each as well.
REFUSED = {
    "a plain path": (
        {"named.conf": 'acl a { any; };\n include "gone";'},
        (2, 2, f'cannot read include "gone": {MISSING}'),
    ),
    "a glob without a match": (
        {"named.conf": 'include "v.d/*";'},
        (1, 1, f'cannot read include "v.d/*": {MISSING}'),
    ),
    "braces are no glob": (
        {"named.conf": 'include "{a,b}";', "a": "", "b": ""},
        (1, 1, f'cannot read include "{{a,b}}": {MISSING}'),
    ),
    "an unquoted path": (
        {"named.conf": "include a;", "a": ""},
        (1, 1, "include takes one path in double quotes; found an unquoted word"),
    ),
    "an empty path": ({"named.conf": 'include "";'}, (1, 1, "include with an empty path")),
    "a folder": (
        {"named.conf": 'include "d";', "d/x": ""},
        (1, 1, 'cannot read include "d": it is a directory'),
    ),
    "itself": (
        {"named.conf": 'include "named.conf";'},
        (1, 1, 'include loop: "named.conf" includes itself through this line'),
    ),
}


@pytest.mark.bind
@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_bind_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    files, (line, column, message) = REFUSED[case]
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert not checkconf(tmp_path)[0]
    tree = read_tree("named.conf", LocalHost(), ReadOptions())
    assert problems(tree) == [("named.conf", line, column, message)]
    assert len(tree.missing) == 1
    assert tree.unseen


def test_a_block_whose_head_is_in_an_included_file_is_judged(tmp_path: Path) -> None:
    write(tmp_path, {"key.inc": "key k"})
    text = (
        'options { allow-transfer { none; }; };\ninclude "key.inc"; { algorithm hmac-md5; secret "YWJj"; };\n'
    )
    ran = check(text, tmp_path)
    assert ran.code == FINDINGS
    assert rules_found(ran) == ["key-weak-algorithm", "key-weak-secret"]


@pytest.mark.bind
def test_two_slashes_behind_the_working_directory(tmp_path: Path) -> None:
    """What is shown is not what is opened: `<working directory>//x/a` is not `/x/a`."""
    write(
        tmp_path,
        {"x/a": ZONE.format("a"), "x/b": ZONE.format("b"), "x/c": ZONE.format("c"), "named.conf": ""},
    )
    text = (
        f'include "{tmp_path}//x/a"; options {{ directory "{tmp_path}//"; }}; include "x/b"; include "/m/c";'
    )
    ran = check(text, tmp_path, "--map", f"/m={tmp_path}//x", "--bind-version", "9.20")
    assert (ran.code, ran.json["problems"]) == (CLEAN, [])
    shown = [posixpath.normpath(tmp_path / path) for path in ran.json["files"]]
    assert shown == [str(tmp_path / name) for name in ("named.conf", "x/a", "x/b", "x/c")]
    (tmp_path / "named.conf").write_text(text.replace("/m/c", f"{tmp_path}//x/c"))
    assert checkconf(tmp_path, "zone") == (True, ["zone a", "zone b", "zone c"])


def test_a_pattern_that_is_not_clear() -> None:
    tree = read({ROOT_PATH: 'include "/etc/bind/[[:nonsense:]]x";', "/etc/bind/nx": "acl a { any; };"})
    message = 'cannot read include "/etc/bind/[[:nonsense:]]x": what this pattern matches is not clear: '
    assert problems(tree) == [(ROOT_PATH, 1, 1, f"{message}it has a class of characters that there is not")]


def test_loop_over_three_files() -> None:
    files = {
        ROOT_PATH: 'include "/etc/bind/a";',
        "/etc/bind/a": '\n include "/etc/bind/b";',
        "/etc/bind/b": "",
    }
    files["/etc/bind/b"] = 'acl b { any; }; include "/etc/bind/./a"; acl c { any; };'
    tree = read(files)
    assert problems(tree) == [
        ("/etc/bind/b", 1, 17, 'include loop: "/etc/bind/./a" includes itself through this line')
    ]
    assert heads(tree, "acl") == ["acl b", "acl c"]


def test_depth_is_limited() -> None:
    chain = {f"/etc/bind/{n}": f'include "/etc/bind/{n + 1}"; acl a{n} {{ any; }};' for n in range(1, 200)}
    tree = read({ROOT_PATH: 'include "/etc/bind/1";', **chain, "/etc/bind/200": ""})
    assert problems(tree) == [
        (f"/etc/bind/{MAX_INCLUDE_DEPTH}", 1, 1, "includes nest more than 50 deep; reading stops here")
    ]
    at_the_limit = {
        ROOT_PATH: 'include "/etc/bind/1";',
        **{f"/etc/bind/{n}": chain[f"/etc/bind/{n}"] for n in range(1, 50)},
    }
    assert problems(read({**at_the_limit, "/etc/bind/50": ""})) == []


def test_plain_path_before_9_17() -> None:
    files = {
        ROOT_PATH: 'include "/etc/bind/[x]";',
        "/etc/bind/[x]": "acl a { any; };",
        "/etc/bind/x": "acl b { any; };",
    }
    assert heads(read(files, release=parse_release("9.16")), "acl") == ["acl a"]
    assert heads(read(files, release=parse_release("9.18")), "acl") == ["acl b"]
    assert heads(read(files), "acl") == ["acl b"]


def test_directory_that_is_not_here_is_no_error() -> None:
    assert problems(read({ROOT_PATH: 'options { directory "/var/cache/bind"; };'})) == []
    tree = read({ROOT_PATH: 'options { directory "/var/cache/bind"; };\ninclude "k";'})
    assert problems(tree) == [
        (ROOT_PATH, 2, 1, f'cannot read include "k" (looked for /var/cache/bind/k): {MISSING}')
    ]
    tree = read({ROOT_PATH: 'options { directory "/srv"; };\ninclude "k";', "/srv/k": "acl a { any; };"})
    assert problems(tree) == []
    assert heads(tree, "acl") == ["acl a"]


def test_relative_path_before_directory_also_means_beside_the_root() -> None:
    files = {"/srv/conf/named.conf": 'include "k";', "/srv/conf/k": "acl beside { any; };"}
    assert heads(read(files, "/srv/conf/named.conf"), "acl") == ["acl beside"]
    # named's own working directory comes first.
    files["/k"] = "acl cwd { any; };"
    assert heads(read(files, "/srv/conf/named.conf"), "acl") == ["acl cwd"]


def test_sysroot() -> None:
    files = {
        "/img/etc/bind/named.conf": 'include "/etc/bind/a"; options { directory "/srv"; }; include "b";',
        "/img/etc/bind/a": "acl a { any; };",
        "/img/srv/b": "acl b { any; };",
        "/etc/bind/a": "acl wrong { any; };",
        "/srv/b": "acl wrong { any; };",
    }
    tree = read(files, "/img/etc/bind/named.conf", sysroot="/img")
    assert heads(tree, "acl") == ["acl a", "acl b"]
    assert [source.path for source in tree.sources] == [
        *("/img/etc/bind/named.conf", "/img/etc/bind/a", "/img/srv/b")
    ]
    del files["/img/etc/bind/a"]
    assert problems(read(files, "/img/etc/bind/named.conf", sysroot="/img")) == [
        (
            *("/img/etc/bind/named.conf", 1, 1),
            f'cannot read include "/etc/bind/a" (looked for /img/etc/bind/a): {MISSING}',
        )
    ]


def test_map_takes_the_longest_prefix() -> None:
    files = {
        "/repo/named.conf": 'include "/etc/bind/a"; include "/etc/bind/keys/k"; include "/etc/bindx";'
        ' include "/one";',
        "/repo/conf/a": "acl a { any; };",
        "/repo/secret/k": "acl k { any; };",
        "/etc/bindx": "acl x { any; };",
        "/repo/single": "acl one { any; };",
    }
    maps = (("/etc/bind", "/repo/conf"), ("/etc/bind/keys/", "/repo/secret"), ("/one", "/repo/single"))
    tree = read(files, "/repo/named.conf", maps=maps)
    assert problems(tree) == []
    assert heads(tree, "acl") == ["acl a", "acl k", "acl x", "acl one"]
    # A path that is mapped is looked for nowhere else.
    files["/etc/bind/a"] = files.pop("/repo/conf/a")
    tree = read(files, "/repo/named.conf", maps=maps)
    assert problems(tree) == [
        ("/repo/named.conf", 1, 1, f'cannot read include "/etc/bind/a" (looked for /repo/conf/a): {MISSING}')
    ]


def test_external() -> None:
    text = 'include "/etc/bind/keys/a.key"; options { directory "/etc/bind"; }; include "keys/b.key";'
    text += ' include "k";'
    tree = read({ROOT_PATH: text}, external=("/etc/bind/keys/*.key",))
    assert problems(tree) == [(ROOT_PATH, 1, text.index('include "k"') + 1, problems(tree)[0][3])]
    assert [span.text for span in tree.external] == [
        'include "/etc/bind/keys/a.key";',
        'include "keys/b.key";',
    ]
    tree = read({ROOT_PATH: 'include "/etc/bind/keys/a.key";'}, external=("/etc/bind/keys/*.key",))
    assert (tree.problems, tree.missing, tree.unseen) == ((), (), True)


@pytest.mark.parametrize(
    ("pattern", "path", "external"),
    [
        ("keys/*", "keys/a", True),
        ("keys/*", "keys/../o.conf", False),
        ("keys/*", "keys/deep/a", False),
        ("keys/*", "keys/.hidden", True),
        ("*/a", "keys/./x/../a", True),
        ("./keys//a", "keys/a", True),
        ("a[1].key", "a[1].key", True),
        ("a[1].key", "a1.key", True),
        ("a[.key", "a[.key", True),
        ("[[:nonsense:]]", "n", False),
        ("/etc/bind/keys/*", "keys/a", True),
        ("/etc/bind/keys/*", "/etc/bind/keys/../a", False),
    ],
)
def test_what_a_pattern_of_external_files_means(pattern: str, path: str, external: bool) -> None:
    files = {ROOT_PATH: f'options {{ directory "/etc/bind"; }}; include "{path}";'}
    tree = read(files, external=(pattern,))
    assert (len(tree.external), len(tree.missing)) == ((1, 0) if external else (0, 1))


DEBIAN = {
    "named.conf": 'include "/etc/bind/named.conf.options";\ninclude "/etc/bind/named.conf.local";\n',
    "named.conf.options": 'options { directory "/var/cache/bind"; };\n',
    "named.conf.local": 'include "/etc/bind/zones.d/*.conf";\n',
    "zones.d/a.conf": 'zone "a" { type primary; file "a"; };\n',
    "zones.d/b.conf": 'zone "b" { type primary; file "b"; };\n',
}


@pytest.mark.parametrize(
    ("folder", "base", "note"),
    [
        ("/etc/bind", "/etc/bind", None),
        ("/home/op/repo", "/home/op/repo", "includes from /etc/bind are read from ."),
        ("/home/op/repo/ns1", "/home/op/repo/ns1", "includes from /etc/bind are read from ns1"),
        ("/home/op/repo/etc/bind", "/home/op/repo/etc/bind", "includes from / are read from ."),
        ("/home/op/repo/ns1/etc/bind", "/home/op/repo/ns1/etc/bind", "includes from / are read from ns1"),
        ("/home/op/repo", "/home/op/repo/bind", "includes from /etc are read from ."),
        ("/var/named/chroot/etc/bind", "/var/named/chroot/etc/bind", "includes from / are read from @"),
    ],
)
def test_debian_layout_in_a_checkout(folder: str, base: str, note: str | None) -> None:
    files = {f"{base}/{name}": text for name, text in DEBIAN.items()}
    files[f"{folder}/named.conf"] = files.pop(f"{base}/named.conf")
    tree = read(files, f"{folder}/named.conf", cwd="/home/op/repo")
    assert problems(tree) == []
    assert heads(tree, "zone") == ["zone b", "zone a"]
    assert {source.path for source in tree.sources} == set(files)
    expected = note.replace("@", "../../../var/named/chroot") if note is not None else None
    assert tree.notes == ((expected,) if expected is not None else ())


def test_files_are_shown_as_the_root_was_given() -> None:
    files = {
        "/repo/ns1/named.conf": 'include "/etc/bind/a"; include "b"; include "/etc/bind/d/*";',
        "/repo/ns1/a": "",
        "/repo/ns1/b": "",
        "/repo/ns1/d/c": "",
    }
    relative = read(files, "ns1/named.conf", cwd="/repo")
    assert [source.path for source in relative.sources] == ["ns1/named.conf", "ns1/a", "ns1/b", "ns1/d/c"]
    absolute = read(files, "/repo/ns1/named.conf", cwd="/repo")
    assert [source.path for source in absolute.sources] == sorted(
        files, key=lambda path: (path[-1] != "f", path)
    )


def test_a_root_of_the_system_reads_literal_paths() -> None:
    files = {
        ROOT_PATH: 'include "/srv/a";',
        "/etc/bind/a": "acl wrong { any; };",
        "/srv/a": "acl right { any; };",
    }
    tree = read(files)
    assert heads(tree, "acl") == ["acl right"]
    assert tree.notes == ()
    del files["/srv/a"]
    assert problems(read(files)) == [(ROOT_PATH, 1, 1, f'cannot read include "/srv/a": {MISSING}')]


def test_a_file_included_twice_is_one_source() -> None:
    both = 'include "/etc/bind/common";'
    tree = read({ROOT_PATH: f"zone a {{ {both} }}; zone b {{ {both} }};", "/etc/bind/common": "notify no;"})
    assert [source.path for source in tree.sources] == [ROOT_PATH, "/etc/bind/common"]
    first, second = tree.inclusions
    assert first.sources[0] is second.sources[0] is tree.sources[1]
    assert [inclusion.path for inclusion in tree.inclusions] == ["/etc/bind/common"] * 2
    first_at = tree.sources[1].included_at
    assert first_at is not None
    assert tuple(first_at.begin) == (1, 10)
    for zone in tree.statements:
        assert [child.name for child in zone.children] == ["include", "notify"]


def test_an_include_that_is_part_of_a_list_is_read_as_one() -> None:
    # BIND takes `include` for the name of an acl there and stops at the path; so does the model.
    tree = read({ROOT_PATH: 'acl a { include "/etc/bind/l"; };', "/etc/bind/l": "192.0.2.1;"})
    (acl,) = tree.statements
    assert [child.type for child in acl.children] == ["INCLUDE", "STATEMENT"]


def test_syntax_problems_name_the_included_file() -> None:
    tree = read({ROOT_PATH: 'zone a { include "/etc/bind/p";', "/etc/bind/p": "type primary; };\n}; file x;"})
    assert problems(tree) == [("/etc/bind/p", 2, 1, "unexpected '}': no block is open here")]


class TestACheckoutOnAMachineWithBind:
    """What this machine has in /etc/bind must not make up for what a checkout lacks."""

    def host(self, *files: str, cwd: str = "/repo") -> MemoryHost:
        return MemoryHost(dict.fromkeys(files, b'options { };\ninclude "/etc/bind/keys.conf";\n'), cwd=cwd)

    @pytest.mark.parametrize(
        ("root", "files"),
        [
            ("etc/bind/named.conf", ("/repo/etc/bind/named.conf", "/etc/bind/keys.conf")),
            ("dns/named.conf", ("/repo/dns/named.conf", "/repo/.git/HEAD", "/etc/bind/keys.conf")),
        ],
    )
    def test_a_deleted_file_is_missing(self, root: str, files: tuple[str, ...]) -> None:
        tree = read_tree(root, self.host(*files), ReadOptions())
        assert [problem.kind for problem in tree.problems] == ["include"]
        assert len(tree.sources) == 1

    def test_outside_a_repository_a_path_means_what_it_says(self) -> None:
        tree = read_tree(
            "named.conf", self.host("/home/named.conf", "/etc/bind/keys.conf", cwd="/home"), ReadOptions()
        )
        assert [source.path for source in tree.sources] == ["named.conf", "/etc/bind/keys.conf"]


def test_an_include_without_its_semicolon_is_read_all_the_same() -> None:
    text = 'include "a"\nzone "b" { type primary; file "b"; };\n'
    tree = read({ROOT_PATH: text, "/a": "acl a { any; };\n"})
    assert [(p.message, p.span and p.span.begin) for p in tree.problems] == [
        ("missing ';' before 'zone'", (2, 1))
    ]
    assert [statement.name for statement in tree.statements] == ["include", "acl", "zone"]


def test_an_acl_may_be_called_include() -> None:
    tree = read({ROOT_PATH: "acl include { any; };\noptions { allow-transfer { include; }; };\n"})
    assert tree.problems == ()


def test_only_a_root_is_standard_input() -> None:
    tree = read({ROOT_PATH: 'include "-";\n', "/-": "acl a { any; };\n"})
    assert (tree.problems, len(tree.sources)) == ((), 2)
