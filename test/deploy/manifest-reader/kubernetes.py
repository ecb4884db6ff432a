"""Holds manifests (a JSON list on standard input) against the schemas of one Kubernetes version; unknown fields are refused.

usage: kubernetes.py VERSION
"""
import json
import sys

import kubernetes_validate

version = sys.argv[1]
checked = 0
failed = 0
for manifest in json.load(sys.stdin):
    # Not Kubernetes' own: parsed by its types before.
    if manifest["apiVersion"].startswith("monitoring.coreos.com/"):
        continue
    checked += 1
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        failed += 1
        name = f"{manifest['kind']} {manifest['metadata']['name']}"
        path = ".".join(str(step) for step in getattr(error, "path", []))
        print(f"{name}: {path}: {error.message}", file=sys.stderr)
print(f"{checked} manifests")
sys.exit(1 if failed or not checked else 0)
