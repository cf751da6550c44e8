#!/usr/bin/env python3
"""The bill of materials of an image's root, SPDX 2.3 in JSON: sbom.py ROOT PROGRAM CLOSURE

CLOSURE has a line "PATH PACKAGE" for each file that came from a Debian package; the package's version is asked of dpkg.
The same root gives the same bytes."""
import datetime
import hashlib
import json
import os
import subprocess
import sys


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def everything(root):
    """Every file but links, as the image has its path."""
    found = [os.path.join(d, f) for d, _, names in os.walk(root) for f in names]
    return sorted(p[len(root.rstrip("/")):] for p in found if not os.path.islink(p))


def main():
    root, program, closure = sys.argv[1:]
    rows = sorted(line.split() for line in open(closure, encoding="utf-8"))
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    version = subprocess.run([os.path.join(root, program), "version"], capture_output=True, text=True, check=True,
                             env={"KUBEVOUCH_DATA_DIR": "/nowhere"}).stdout.split()[1]
    owner = {**dict(rows), **{f"/usr/share/doc/{p.partition(':')[0]}/copyright": p for _, p in rows}}
    files = [(path, owner.get(path)) for path in everything(root)]
    packages, relations, described = [], [], []
    packages.append({"SPDXID": "SPDXRef-kubevouch", "name": "kubevouch", "versionInfo": version, "downloadLocation": "NOASSERTION",
                     "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
                     "primaryPackagePurpose": "APPLICATION"})
    relations.append({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-kubevouch"})
    ids = {}
    for package in sorted({p for _, p in rows}):
        name, _, arch = package.partition(":")
        known, arch, source = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\t${Architecture}\t${source:Package} ${source:Version}", package],
                                             capture_output=True, text=True, check=True).stdout.split("\t")
        ids[package] = "SPDXRef-deb-" + name.replace("+", "p").replace("_", "-")
        packages.append({"SPDXID": ids[package], "name": name, "versionInfo": known, "supplier": "Organization: Debian", "sourceInfo": f"built from {source}",
                         "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
                         "copyrightText": "NOASSERTION", "primaryPackagePurpose": "LIBRARY",
                         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                           "referenceLocator": f"pkg:deb/debian/{name.replace('+', '%2B')}@{known.replace('+', '%2B').replace(':', '%3A')}?arch={arch}"}]})
        relations.append({"spdxElementId": "SPDXRef-kubevouch", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": ids[package]})
    for i, (path, package) in enumerate(files):
        with open(root + path, "rb") as f:
            sha1 = hashlib.sha1(f.read()).hexdigest()
        described.append({"SPDXID": f"SPDXRef-file-{i}", "fileName": "." + path, "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION",
                          "checksums": [{"algorithm": "SHA1", "checksumValue": sha1}, {"algorithm": "SHA256", "checksumValue": sha256(root + path)}]})
        relations.append({"spdxElementId": ids.get(package, "SPDXRef-kubevouch"), "relationshipType": "CONTAINS", "relatedSpdxElement": f"SPDXRef-file-{i}"})
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
    json.dump({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"kubevouch-{version}-image",
               "documentNamespace": f"https://kubevouch.invalid/spdx/image/{digest}",
               "creationInfo": {"created": when, "creators": ["Tool: kubevouch-deploy-image"]},
               "packages": packages, "files": described, "relationships": relations}, sys.stdout, indent=1)
    print()


main()
