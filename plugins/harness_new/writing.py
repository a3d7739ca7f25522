"""From templates to a package: rendered whole before the first file is written, so that none is half there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import harness
from harness.errors import HarnessError
from harness_new.naming import Named
from harness_new.parts import PARTS

#: One folder of templates for every package, and one for each kind.
COMMON, SUFFIX = "package", ".jinja"


def rendered(name: Named, kinds: Sequence[str]) -> Mapping[Path, str]:
    """Return the text of every file of a package, by its path in it.

    Args:
        name: of the package; `__module__` and `__snake__` in the path of a template stand for its parts.
        kinds: of `PARTS`, in their order.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    root = Path(__file__).parent / "templates"
    environment = Environment(  # noqa: S701  # Python, not HTML
        loader=FileSystemLoader(root),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    known = {"name": name, "kinds": {kind: PARTS[kind] for kind in kinds}, "version": harness.__version__}
    files: dict[Path, str] = {}
    for folder in (COMMON, *kinds):
        for template in sorted((root / folder).rglob(f"*{SUFFIX}")):
            inside = template.relative_to(root / folder).as_posix().removesuffix(SUFFIX)
            path = inside.replace("__module__", name.module).replace("__snake__", name.snake)
            files[Path(path)] = environment.get_template(template.relative_to(root).as_posix()).render(known)
    return files


def write(folder: Path, files: Mapping[Path, str]) -> list[Path]:
    """Write files into a folder that is not there yet; return their paths.

    Raises:
        HarnessError: the folder is there, or cannot be written.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise HarnessError(f"{folder} is there already; nothing was written: name another, or remove it") from error
    except OSError as error:
        raise HarnessError(f"{folder}: {error.strerror}") from error
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return [folder / path for path in files]
