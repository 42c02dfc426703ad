"""Zip what was built, always into the same bytes, and point the template at the zip files."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOCATION = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
# Zip files made for Lambda carry this date, which is why bytecode must not be compared with it.
DATE = (1980, 1, 1, 0, 0, 0)


def zip_directory(directory: Path, target: Path) -> str:
    """Write every file of `directory` into `target`; return the hash of what it holds."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(path for path in directory.rglob("*") if path.is_file()):
            name = file.relative_to(directory).as_posix()
            content = file.read_bytes()
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Package:
    """The template with S3 addresses, and the zip files that belong there, by key."""

    template: dict[str, Any]
    files: dict[str, Path]


def package(build: Path, bucket: str, made: Path) -> Package:
    """Zip what was built into the directory `made`, to be put into `bucket`."""
    made.mkdir(parents=True, exist_ok=True)
    template = yaml.load((build / "template.yaml").read_text(), TemplateLoader)
    files: dict[str, Path] = {}
    for resource in template["Resources"].values():
        location = LOCATION.get(resource["Type"])
        if location is None:
            continue
        directory = build / resource["Properties"][location]
        draft = made / f"{directory.name}.draft"
        key = f"{zip_directory(directory, draft)}.zip"
        files[key] = draft.replace(made / key)
        resource["Properties"][location] = f"s3://{bucket}/{key}"
    return Package(template, files)


class TemplateLoader(yaml.SafeLoader):
    """Reads `!Ref X` as {"Ref": "X"} and `!Sub`, `!If` and friends likewise."""


def _intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any = None
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


TemplateLoader.add_multi_constructor("!", _intrinsic)
