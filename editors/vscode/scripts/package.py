"""Pack the built extension as dist/einlint.vsix, byte for byte the same for the same sources.

A .vsix is a zip file: a manifest, the types of its files, and the extension below `extension/`.
"""

import itertools
import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FOLDER = Path(__file__).parent.parent
LICENSE = FOLDER.parent.parent / "LICENSE"
BUNDLE = FOLDER / "dist" / "extension.js"
PACKED = FOLDER / "dist" / "einlint.vsix"
# What only those need who build it.
LEFT_OUT = ("devDependencies", "private", "scripts")

MANIFEST = """\
<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={name} Version={version} Publisher={publisher} />
    <DisplayName>{title}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{tags}</Tags>
    <Categories>{categories}</Categories>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={engine} />
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value={kind} />
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code" /></Installation>
  <Dependencies />
  <Assets>
{assets}
  </Assets>
</PackageManifest>
"""
ASSETS = {
    "Microsoft.VisualStudio.Code.Manifest": "package.json",
    "Microsoft.VisualStudio.Services.Content.Details": "README.md",
    "Microsoft.VisualStudio.Services.Content.License": "LICENSE.txt",
}
ASSET = '    <Asset Type="{}" Path="extension/{}" Addressable="true" />'
TYPES = """\
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension=".json" ContentType="application/json" />
  <Default Extension=".js" ContentType="application/javascript" />
  <Default Extension=".md" ContentType="text/markdown" />
  <Default Extension=".txt" ContentType="text/plain" />
  <Default Extension=".vsixmanifest" ContentType="text/xml" />
</Types>
"""


def manifest(package: dict[str, object]) -> str:
    """The manifest of a .vsix, from that of the extension."""
    engines, tags = package["engines"], package["keywords"]
    kind, categories = package["extensionKind"], package["categories"]
    assert isinstance(engines, dict)
    assert isinstance(tags, list)
    assert isinstance(kind, list)
    assert isinstance(categories, list)
    return MANIFEST.format(
        name=quoteattr(str(package["name"])),
        version=quoteattr(str(package["version"])),
        publisher=quoteattr(str(package["publisher"])),
        title=escape(str(package["displayName"])),
        description=escape(str(package["description"])),
        tags=escape(",".join(tags)),
        categories=escape(",".join(categories)),
        engine=quoteattr(engines["vscode"]),
        kind=quoteattr(",".join(kind)),
        assets="\n".join(itertools.starmap(ASSET.format, ASSETS.items())),
    )


def main() -> None:
    """Pack it, and print where."""
    if not BUNDLE.exists():
        sys.exit("dist/extension.js is missing: run `npm run package`, which builds it first")
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    shipped = {key: value for key, value in package.items() if key not in LEFT_OUT}
    files = {
        "extension.vsixmanifest": manifest(package),
        "[Content_Types].xml": TYPES,
        "extension/package.json": json.dumps(shipped, indent=2) + "\n",
        "extension/README.md": (FOLDER / "README.md").read_text(encoding="utf-8"),
        "extension/LICENSE.txt": LICENSE.read_text(encoding="utf-8"),
        "extension/dist/extension.js": BUNDLE.read_text(encoding="utf-8"),
    }
    with ZipFile(PACKED, "w", ZIP_DEFLATED) as packed:
        for name, text in files.items():
            info = ZipInfo(name)  # of 1980, whenever it is packed
            info.external_attr = 0o644 << 16
            packed.writestr(info, text, ZIP_DEFLATED)
    print(f"{PACKED}: {PACKED.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
